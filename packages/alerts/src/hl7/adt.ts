import { fault } from '@symbolon/crypto';
import type { ClinicalEvent } from '../event.ts';
import type { Hl7Message } from './message.ts';

/** Which of the identifiers in PID-3 names the patient: the first of this assigning authority (CX.4) and type (CX.5); null: of any. */
export interface Hl7Patient {
  readonly authority: string | null;
  readonly type: string | null;
}

/** How to read what a source tells. */
export interface Hl7Options {
  readonly patient: Hl7Patient;
  /** IANA name, or ±hh:mm, of times that stand without an offset. */
  readonly timeZone: string;
}

/** The events of an ADT message: one of A01–A04, A08 and A11; none of any other. Throws `alert-event`. */
export function adtEvents(_message: Hl7Message, _options: Hl7Options): ClinicalEvent[] {
  throw fault('alert-event', 'HL7 cannot be read yet');
}
