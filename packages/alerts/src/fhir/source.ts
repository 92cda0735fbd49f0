import type { FhirResource } from 'fhir/r4.js';
import type { ClinicalEvent, Coding } from '../event.ts';
import { unreadable } from '../fault.ts';
import { plainText } from '../text.ts';
import { fhirTime, type Zone } from '../time.ts';
import type { FhirPatient, Surroundings } from './patient.ts';
import type { Concept, FhirCoding, Reference } from './shapes.ts';

/** Where a resource comes from, and how that source says things. */
export interface Source {
  readonly patient: FhirPatient;
  readonly zone: Zone;
  readonly surroundings: Surroundings;
  /** The resource itself. */
  readonly resource: FhirResource;
  /** Hash of its content. */
  hash(): string;
}

/** What names a resource, and what names this version of it. A source that gives no ids has their business identifiers instead. */
export function names(
  { id, identifier = [] }: Identified,
  kind: ClinicalEvent['kind'],
  hash: string,
): Pick<ClinicalEvent, 'id' | 'episode'> {
  const [business] = identifier.filter(({ value }) => value !== undefined);
  const name = id ?? (business === undefined ? hash : `${business.system ?? ''}|${business.value}`);
  // Not meta.versionId: what has it wrong would be lost.
  return { episode: `${kind}/${name}`, id: `${kind}/${name}#${hash}` };
}

interface Identified {
  readonly id?: string | undefined;
  readonly identifier?: readonly { system?: string | undefined; value?: string | undefined }[] | undefined;
}

/** Every coding of some concepts that names its system. */
export function codingsOf(...concepts: readonly (Concept | undefined)[]): Coding[] {
  return concepts.flatMap((concept) => (concept?.coding ?? []).flatMap(codingOf));
}

/** One coding, if it names its system. */
export function codingOf({ system, code }: FhirCoding): Coding[] {
  return system === undefined || code === undefined ? [] : [{ system, code }];
}

/** What a reference calls what it refers to: for people, or else by its identifier or address. */
export function nameOf(reference: Reference | undefined): string | null {
  return plainText(reference?.display ?? reference?.identifier?.value ?? reference?.reference);
}

const careGivers = ['Practitioner', 'PractitionerRole', 'Organization', 'CareTeam'];

/**
 * {@link nameOf} of somebody who gives care; null for anybody else: FHIR also lets patients and their relatives record and take part.
 * @param unlessSaid where nothing says what it refers to: whether it is somebody who gives care
 */
export function careGiverOf(
  reference: Reference | undefined,
  surroundings: Surroundings,
  unlessSaid = false,
): string | null {
  const along = surroundings.find(reference) as { resourceType?: unknown } | undefined;
  const named = /(?:^|\/)([A-Z][A-Za-z]+)(?:\?|\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$)/.exec(
    reference?.reference ?? '',
  )?.[1];
  const type = along?.resourceType ?? named ?? reference?.type;
  const gives = typeof type === 'string' ? careGivers.includes(type) : unlessSaid && reference?.reference === undefined;
  return gives ? nameOf(reference) : null;
}

/** The first time that is given, in ms since 1970; undefined: none is. */
export function firstTime(times: Readonly<Record<string, string | undefined>>, zone: Zone): number | undefined {
  for (const [field, text] of Object.entries(times)) {
    if (text === undefined) continue;
    const at = fhirTime(text, zone);
    if (at === undefined) throw unreadable(field, 'must be a dateTime, like 2026-03-09T08:30:00+01:00');
    return at;
  }
  return undefined;
}

/** {@link firstTime}; where none is given, only an event that was cancelled has 0. */
export function eventTime(times: Readonly<Record<string, string | undefined>>, zone: Zone, cancelled: boolean): number {
  const at = firstTime(times, zone);
  if (at === undefined && !cancelled) throw unreadable(Object.keys(times)[0]!, 'is missing: nothing says when it was');
  return at ?? 0;
}
