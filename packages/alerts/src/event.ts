import type { FhirResource } from 'fhir/r4.js';

/** A code of a code system, as FHIR writes it. */
export interface Coding {
  /** The URI that FHIR has for it: `http://hl7.org/fhir/sid/icd-10-cm`. */
  readonly system: string;
  readonly code: string;
}

/** A value with its unit. `value` is a decimal as the source wrote it, `unit` a UCUM code. */
export interface Measured {
  readonly value: string;
  /** Where it is a bound of the value only: less than 5. */
  readonly comparator?: '<' | '<=' | '>=' | '>';
  readonly unit: string;
}

/** What was measured, under which codes. */
export interface Measurement extends Measured {
  readonly codings: readonly Coding[];
}

/** A medical event, whatever told of it. */
export interface ClinicalEvent {
  /** Names it within its source: the same text again is the same event again. */
  readonly id: string;
  /** Names the stay, illness or measurement that it belongs to, through all its updates, within its source. */
  readonly episode: string;
  readonly kind: 'Encounter' | 'Condition' | 'Observation';
  /** The patient, as the source calls them. */
  readonly patient: string;
  /** When it happened, in milliseconds since 1970; 0 where the source of a cancelled one does not say. */
  readonly time: number;
  /** It did not happen after all: entered in error, or cancelled. */
  readonly cancelled: boolean;
  readonly codings: readonly Coding[];
  readonly measured: readonly Measurement[];
  readonly facility: string | null;
  /** A code of http://terminology.hl7.org/CodeSystem/v3-ActCode: IMP, EMER, AMB. */
  readonly encounterClass: string | null;
  readonly disposition: string | null;
  readonly practitioner: string | null;
  /** `YYYY-MM-DD`, where the source says it with the event. */
  readonly birthDate: string | null;
  /** As FHIR has it, for FHIRPath. */
  readonly resource: FhirResource;
  /** Diagnoses that it refers to, where they came along: looked at for sensitive categories only. */
  readonly along?: readonly unknown[];
}
