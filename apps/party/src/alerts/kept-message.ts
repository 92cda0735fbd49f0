import { type AlertMessage, openMessage } from '@symbolon/alerts';
import { fault } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import type { AlertRow, AlertSays } from './alert-info.ts';

/** The message of a kept alert, its signature verified at this moment. Throws `unknown-organisation`, `bad-signature`. */
export function openKept(
  { home }: Pick<PartyContext, 'home'>,
  { id, sender, document }: Pick<AlertRow, 'id' | 'sender' | 'document'>,
): AlertMessage {
  if (document === null) throw fault('not-found', `the message of alert ${id} is not kept any more`, { culprit: id });
  return openMessage(document, home.partners.get(sender));
}

/** What a message says beside what its row in the inbox does. */
export function says(message: AlertMessage): AlertSays {
  const { facility, code, value, encounterClass, disposition, practitioner, sentAt } = message;
  return {
    ...{ facility, sentAt },
    ...(code === undefined ? {} : { code }),
    ...(value === undefined ? {} : { value }),
    ...(encounterClass === undefined ? {} : { encounterClass }),
    ...(disposition === undefined ? {} : { disposition }),
    ...(practitioner === undefined ? {} : { practitioner }),
  };
}
