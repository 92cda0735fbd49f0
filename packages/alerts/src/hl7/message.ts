import { fault } from '@symbolon/crypto';

/** A message of HL7 v2 in ER7 encoding, cut into segments; fields are read on demand. */
export interface Hl7Message {
  /** MSH-9.1 and MSH-9.2: ADT, A01. */
  readonly type: string;
  readonly trigger: string;
  /** MSH-10. */
  readonly controlId: string;
}

/** Throws `alert-event`, naming segment and field but never their content. */
export function readHl7(_message: Uint8Array): Hl7Message {
  throw fault('alert-event', 'HL7 cannot be read yet');
}
