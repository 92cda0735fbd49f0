import { fault } from '@symbolon/crypto';
import type { Hl7Message } from './message.ts';

/** AA: taken. AE: not now, or not with this content. AR: not such a message at all. */
export type AckCode = 'AA' | 'AE' | 'AR';

/**
 * The acknowledgement of a message (original mode), not framed.
 * @param message undefined where not even its header could be read
 */
export function acknowledge(_message: Hl7Message | undefined, code: AckCode, _text: string, _now: Date): Uint8Array {
  throw fault('alert-event', `${code} cannot be written yet`);
}
