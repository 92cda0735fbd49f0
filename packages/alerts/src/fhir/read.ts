import { fault } from '@symbolon/crypto';
import type { ClinicalEvent } from '../event.ts';

/** How a source's resources name their patient: by the id in `subject.reference`, or by `subject.identifier` of one system. */
export type FhirPatient = { readonly by: 'reference' } | { readonly by: 'identifier'; readonly system: string };

/** How to read what a source tells. */
export interface FhirOptions {
  readonly patient: FhirPatient;
  /** IANA name, or ±hh:mm, of the days that stand without a time; UTC if absent. */
  readonly timeZone?: string;
}

/** The largest resource or Bundle that is read, in bytes. */
export const maxResourceBytes = 1 << 20;

/**
 * The events of one FHIR R4 resource (JSON): an Encounter, Condition or Observation, or a Bundle (transaction, batch, collection, message) of such.
 * Throws `alert-event` for anything else.
 */
export function readFhir(_bytes: Uint8Array, _options: FhirOptions): ClinicalEvent[] {
  throw fault('alert-event', 'FHIR cannot be read yet');
}

/** {@link readFhir} for one line of NDJSON, where resources of other types are no events. */
export function readNdjsonLine(_line: Uint8Array, _options: FhirOptions): ClinicalEvent[] {
  throw fault('alert-event', 'FHIR cannot be read yet');
}
