import { createHmac } from 'node:crypto';
import { type AlertMessage, writeBundle } from '@symbolon/alerts';
import type { AlertInfo } from './alert-info.ts';
import type { HookOccasion } from './hook-queue.ts';
import { says } from './kept-message.ts';

/** What a hook is told. */
export interface HookEvent {
  readonly occasion: HookOccasion;
  readonly alert: AlertInfo;
  readonly message: AlertMessage;
}

/** What is posted. */
export interface HookRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The same alert and occasion have the same id, however often they are sent. */
const idOf = ({ alert, occasion }: HookEvent): string => `${alert.id}.${occasion}`;

/**
 * An event as JSON, signed: `t` is the time in seconds since 1970, `v1` HMAC-SHA-256 under the secret of `t`, a dot and the body, in hex. Who receives it
 * refuses what is older than some minutes.
 */
export function webhookRequest(event: HookEvent, secret: string, now: Date): HookRequest {
  const { occasion, alert, message } = event;
  const { id, sender, agreement, alert: name, event: what, keys, time, receivedAt, retracts } = alert;
  const body = JSON.stringify({
    id: idOf(event),
    occasion,
    alert: { id, sender, agreement, alert: name, event: what, keys, time, receivedAt, retracts, ...says(message) },
  });
  const seconds = Math.floor(now.getTime() / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'symbolon-delivery': idOf(event),
      'symbolon-signature': `t=${seconds},v1=${signature}`,
    },
  };
}

/** System of the identifiers of the own records in the Bundle. */
const keySystem = 'urn:symbolon:key';

/** The Bundle of the message, whose patient has the keys of the own records in the place of row numbers that mean nothing outside. */
export function restHookRequest(event: HookEvent, token: string | undefined): HookRequest {
  const bundle = parseExactly(writeBundle(event.message)) as {
    entry: { resource: { resourceType: string; identifier?: unknown } }[];
  };
  for (const { resource } of bundle.entry) {
    if (resource.resourceType !== 'Patient') continue;
    resource.identifier = event.alert.keys.map((value) => ({ system: keySystem, value }));
  }
  return {
    body: JSON.stringify(bundle),
    headers: {
      'content-type': 'application/fhir+json',
      'symbolon-delivery': idOf(event),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  };
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, reviver: Reviver): unknown;
  rawJSON(text: string): unknown;
};

/** JSON whose numbers keep their digits: 1.50 is another measurement than 1.5. */
function parseExactly(text: string): unknown {
  return parse(text, (_, value, { source }) => (typeof value === 'number' ? rawJSON(source!) : value));
}
