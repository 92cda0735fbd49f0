import { unreadable } from '../fault.ts';
import {
  type EncounterResource,
  encounterShape,
  type PatientResource,
  patientShape,
  type Reference,
} from './shapes.ts';

/**
 * How a source's resources name their patient: by the id in `subject.reference`, which is relative or lies under `base`, or by `subject.identifier` of one
 * system.
 */
export type FhirPatient =
  | { readonly by: 'reference'; readonly base?: string | undefined }
  | { readonly by: 'identifier'; readonly system: string };

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
  const found =
    patient.by === 'reference'
      ? byReference(subject, along, patient.base)
      : byIdentifier(subject, along, patient.system);
  if (found === undefined || found === '') {
    const missing = patient.by === 'reference' ? noPatient(subject) : `has no identifier of ${patient.system}`;
    throw unreadable(`${kind}.subject`, missing);
  }
  const { birthDate } = along ?? {};
  return { patient: found, birthDate: birthDate?.length === 10 ? birthDate : null };
}

function noPatient({ reference = '' }: Reference = {}): string {
  const isElsewhere = /^[a-z]+:\/\//i.test(reference);
  return isElsewhere ? 'names no Patient of this source: must be Patient/ID, or under its base' : 'names no Patient';
}

// Patient/7, and with /_history/2.
const patientReference = /^Patient\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;

// The id that another server gave may be that of somebody else here.
function byReference(
  subject: Reference | undefined,
  along: PatientResource | undefined,
  base: string | undefined,
): string | undefined {
  const { reference = '' } = subject ?? {};
  // A name within a Bundle alone.
  if (/^urn:(?:uuid|oid):/.test(reference)) return along?.id;
  const under = base === undefined || base.endsWith('/') ? base : `${base}/`;
  const relative = under !== undefined && reference.startsWith(under) ? reference.slice(under.length) : reference;
  return patientReference.exec(relative)?.[1];
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
