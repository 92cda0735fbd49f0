import type { Alert, SensitiveCategory } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { ClinicalEvent } from '../event.ts';

/** What becomes of an event. */
export type Decision =
  /** The class of events that it is told as. */
  | { readonly tell: string }
  | {
      /** `age-unknown`: minors are not told of, and nobody knows how old the patient is. */
      readonly withheld: 'no-class' | 'sensitive' | 'age-unknown' | 'too-old';
      /** Of a sensitive one. */
      readonly category?: SensitiveCategory;
      /** In no class, though of one nobody can say: its value has another unit, or its FHIRPath expression failed. */
      readonly unclear?: 'unit' | 'expression';
    };

/** An alert of an agreement, ready to decide. */
export interface AlertRule {
  /**
   * Whether an event that was not cancelled is told, and as what.
   * @param birthDate `YYYY-MM-DD`; null where nobody knows it
   */
  decide(event: ClinicalEvent, birthDate: string | null, now: Date): Decision;
}

/** Throws `agreement-invalid` where {@link alertProblems} finds anything. */
export function compileAlert(_alert: Alert): AlertRule {
  throw fault('agreement-invalid', 'alerts cannot be compiled yet');
}

/** What is wrong with the conditions of an alert, which its schema cannot say. */
export interface AlertProblem {
  /** Within the alert: `events.0.when.fhirPath`. */
  readonly at: string;
  readonly message: string;
  readonly hint: string;
}

/** See {@link AlertProblem}; none: it compiles. */
export function alertProblems(_alert: Alert): AlertProblem[] {
  throw fault('agreement-invalid', 'alerts cannot be checked yet');
}
