import { openMessage } from '@symbolon/alerts';
import { fault } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import type { AlertSays } from './inbox.ts';

/** What the message of a kept alert says, its signature verified at this moment. Throws `unknown-organisation`, `bad-signature`. */
export function openKept(
  { home }: Pick<PartyContext, 'home'>,
  { id, sender, document }: { readonly id: string; readonly sender: string; readonly document: Uint8Array | null },
): AlertSays {
  if (document === null) throw fault('not-found', `the message of alert ${id} is not kept any more`, { culprit: id });
  const message = openMessage(document, home.partners.get(sender));
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
