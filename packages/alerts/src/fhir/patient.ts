import { unreadable } from '../fault.ts';
import {
  type EncounterResource,
  encounterShape,
  type PatientResource,
  patientShape,
  type Reference,
} from './shapes.ts';

/** How a source's resources name their patient: by the id in `subject.reference`, or by `subject.identifier` of one system. */
export type FhirPatient = { readonly by: 'reference' } | { readonly by: 'identifier'; readonly system: string };

/** The other resources of a Bundle, by their full URLs and as `Type/id`. */
export class Surroundings {
  readonly #byName = new Map<string, unknown>();

  constructor(entries: readonly { readonly fullUrl?: string | undefined; readonly resource?: unknown }[]) {
    for (const { fullUrl, resource } of entries) {
      const { resourceType, id } = (resource ?? {}) as { resourceType?: unknown; id?: unknown };
      if (fullUrl !== undefined) this.#byName.set(fullUrl, resource);
      if (typeof resourceType === 'string' && typeof id === 'string')
        this.#byName.set(`${resourceType}/${id}`, resource);
    }
  }

  /** The Patient that a reference means, if it came along. */
  patient(reference: Reference | undefined): PatientResource | undefined {
    return patientShape.safeParse(this.#byName.get(reference?.reference ?? '')).data;
  }

  /** What a reference means, if it came along; nothing of it is known. */
  find(reference: unknown): unknown {
    const { reference: name } = (reference ?? {}) as { reference?: unknown };
    return typeof name === 'string' ? this.#byName.get(name) : undefined;
  }

  /** The Encounter that a reference means, if it came along. */
  encounter(reference: Reference | undefined): EncounterResource | undefined {
    return encounterShape.safeParse(this.#byName.get(reference?.reference ?? '')).data;
  }
}

/** Who an event is about. */
export interface Subject {
  readonly patient: string;
  readonly birthDate: string | null;
}

/** The patient that `subject` names, as the source is set up to name patients; else throws `alert-event`. */
export function subjectOf(
  subject: Reference | undefined,
  kind: string,
  patient: FhirPatient,
  surroundings: Surroundings,
): Subject {
  const along = surroundings.patient(subject);
  const found = patient.by === 'reference' ? byReference(subject, along) : byIdentifier(subject, along, patient.system);
  if (found === undefined || found === '') {
    const missing = patient.by === 'reference' ? 'names no Patient' : `has no identifier of ${patient.system}`;
    throw unreadable(`${kind}.subject`, missing);
  }
  const { birthDate } = along ?? {};
  return { patient: found, birthDate: birthDate?.length === 10 ? birthDate : null };
}

// Patient/7, https://ehr.example/fhir/Patient/7, and either with /_history/2.
const patientReference = /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

function byReference(subject: Reference | undefined, along: PatientResource | undefined): string | undefined {
  return along?.id ?? patientReference.exec(subject?.reference ?? '')?.[1];
}

// Bulk exports refer as a search does: Patient?identifier=SYSTEM|VALUE.
function byIdentifier(
  subject: Reference | undefined,
  along: PatientResource | undefined,
  system: string,
): string | undefined {
  if (subject?.identifier?.system === system) return subject.identifier.value;
  const search = `Patient?identifier=${system}|`;
  if (subject?.reference?.startsWith(search)) return subject.reference.slice(search.length);
  return along?.identifier?.find((identifier) => identifier.system === system)?.value;
}
