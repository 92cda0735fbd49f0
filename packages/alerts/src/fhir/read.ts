import { base64url, sha256, utf8 } from '@symbolon/crypto';
import type { FhirResource } from 'fhir/r4.js';
import type { z } from 'zod';
import type { ClinicalEvent } from '../event.ts';
import { unreadable } from '../fault.ts';
import { zoneOf } from '../time.ts';
import { conditionEvent } from './condition.ts';
import { encounterEvent } from './encounter.ts';
import { type Parsed, parseJson } from './json.ts';
import { observationEvent } from './observation.ts';
import { type FhirPatient, Surroundings } from './patient.ts';
import { bundleShape, conditionShape, encounterShape, observationShape } from './shapes.ts';
import type { Source } from './source.ts';

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
 * A planned Encounter, and a registered Observation, are none yet. Throws `alert-event` for anything else.
 */
export function readFhir(bytes: Uint8Array, options: FhirOptions): ClinicalEvent[] {
  const events = eventsOf(bytes, options);
  if (events === undefined) {
    throw unreadable('resourceType', 'must be Encounter, Condition, Observation, or Bundle');
  }
  return events;
}

/** {@link readFhir} for one line of NDJSON, where resources of other types are no events. */
export function readNdjsonLine(line: Uint8Array, options: FhirOptions): ClinicalEvent[] {
  return eventsOf(line, options) ?? [];
}

/** Undefined: a resource of another type. */
function eventsOf(bytes: Uint8Array, { patient, timeZone = 'UTC' }: FhirOptions): ClinicalEvent[] | undefined {
  if (bytes.length > maxResourceBytes) throw unreadable('the resource', `must have at most ${maxResourceBytes} bytes`);
  const parsed = parseJson(bytes);
  const type = typeOf(parsed.plain);
  if (type === undefined) throw unreadable('resourceType', 'is missing');
  const read = (one: Parsed, surroundings: Surroundings) =>
    resourceEvents(one, { patient, zone: zoneOf(timeZone), surroundings });
  if (type !== 'Bundle') return read(parsed, new Surroundings([]));
  const plain = checked(bundleShape, parsed.plain, 'Bundle').entry ?? [];
  const exact = checked(bundleShape, parsed.exact, 'Bundle').entry ?? [];
  const surroundings = new Surroundings(exact);
  return plain.flatMap(({ resource }, i) => {
    if (typeOf(resource) === undefined) return [];
    return read({ plain: resource, exact: exact[i]!.resource }, surroundings) ?? [];
  });
}

function resourceEvents({ plain, exact }: Parsed, circumstances: Omit<Source, 'resource' | 'hash'>) {
  const type = typeOf(plain);
  if (isEvent(type)) requireUnmodified(plain, type);
  const source: Source = { ...circumstances, resource: plain as FhirResource, hash: () => contentHash(plain) };
  if (type === 'Encounter') return encounterEvent(checked(encounterShape, exact, type), source);
  if (type === 'Condition') return conditionEvent(checked(conditionShape, exact, type), source);
  if (type === 'Observation') return observationEvent(checked(observationShape, exact, type), source);
  return undefined;
}

function isEvent(type: string | undefined): type is ClinicalEvent['kind'] {
  return type === 'Encounter' || type === 'Condition' || type === 'Observation';
}

// FHIR R4 §2.4: an extension that may turn the meaning round is to be understood, or the resource is not to be processed.
function requireUnmodified(resource: unknown, type: string): void {
  const { modifierExtension } = resource as { modifierExtension?: unknown };
  if (modifierExtension === undefined) return;
  throw unreadable(`${type}.modifierExtension`, 'may change the meaning of all else, and is not understood here');
}

function typeOf(resource: unknown): string | undefined {
  if (typeof resource !== 'object' || resource === null || !Object.hasOwn(resource, 'resourceType')) return undefined;
  const { resourceType } = resource as { resourceType: unknown };
  return typeof resourceType === 'string' ? resourceType : undefined;
}

function contentHash(resource: unknown): string {
  return base64url(sha256(utf8(JSON.stringify(resource).toWellFormed())).subarray(0, 16));
}

function checked<Shape extends z.ZodType>(shape: Shape, value: unknown, type: string): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw unreadable([type, ...path].map(String).join('.'), message);
}
