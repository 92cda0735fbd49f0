import type { ClinicalEvent, Coding, Measured } from '../event.ts';

/** What one party tells another of an event: no more than its agreement lets it say. */
export interface AlertMessage {
  /** 16 random bytes, base64url. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Names in the agreement: of the alert, and of the class of the event. */
  readonly alert: string;
  readonly event: string;
  readonly kind: ClinicalEvent['kind'];
  /** The attempt at the agreement's link that found the patient, and the receiver's rows by their numbers in it, ascending; 1 to 16. */
  readonly link: string;
  readonly rows: readonly number[];
  /** RFC 3339, UTC, to the millisecond. */
  readonly time: string;
  readonly sentAt: string;
  /** At most 200 characters; `unknown` where the source did not say. */
  readonly facility: string;
  readonly code?: Coding;
  /** Of an Observation. */
  readonly value?: Measured;
  /** This and the next of an Encounter. */
  readonly encounterClass?: string;
  readonly disposition?: string;
  readonly practitioner?: string;
  /** The message that it takes back. */
  readonly retracts?: string;
}
