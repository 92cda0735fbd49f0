import { fault, utf8 } from '@symbolon/crypto';
import { readJsonBody } from '@symbolon/service';
import type { JsonSchema } from '../types/schema.ts';
import type { RecordType } from '../types/types.ts';
import { type Finding, identifyingElements } from './fhir.ts';
import { identifierIn } from './identifiers.ts';

/** A body as it is kept. */
export interface Screened {
  /** JSON: what came, or what is left of it. */
  readonly text: string;
  readonly stripped: readonly { readonly path: string; readonly rule: string }[];
}

/**
 * Holds a body against its type, and against what could say who the patient is. Where the type says so, that is taken out of a FHIR resource; not of one
 * that is signed, as the signature would be of something else. Throws `request-invalid`, `record-invalid`, `record-identifies`; no message has a value.
 * @param masks of the module's identifiers
 */
export function screenBody(
  type: Pick<RecordType, 'schema' | 'fhir' | 'strips' | 'check'>,
  { body, signed }: { readonly body: string; readonly signed: boolean },
  masks: readonly string[],
): Screened {
  const value = readJsonBody(utf8(body));
  const known = propertyNames(type.schema);
  const shown = (path: Finding['path']): string => pointer(path, known);
  const findings = type.fhir === undefined ? [] : identifyingElements(value);
  const [first] = findings;
  if (first !== undefined && (signed || !type.strips)) {
    const hint = type.strips ? 'Take it out before the record is signed, or send the record unsigned.' : undefined;
    throw identifies(shown(first.path), first.rule, hint);
  }
  for (const { path } of findings.toReversed()) remove(value, path);
  type.check(value);
  requireNoIdentifiers(value, [], { masks, shown });
  const stripped = findings.map(({ path, rule }) => ({ path: shown(path), rule }));
  return { text: findings.length === 0 ? body : JSON.stringify(value), stripped };
}

function requireNoIdentifiers(
  value: unknown,
  path: Finding['path'],
  by: { readonly masks: readonly string[]; readonly shown: (path: Finding['path']) => string },
): void {
  if (typeof value === 'string') {
    const rule = identifierIn(value, by.masks);
    if (rule !== undefined) throw identifies(by.shown(path), rule);
  } else if (Array.isArray(value)) {
    value.forEach((item, i) => void requireNoIdentifiers(item, [...path, i], by));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) requireNoIdentifiers(member, [...path, key], by);
  }
}

function identifies(path: string, rule: string, hint?: string): Error {
  return fault('record-identifies', `${path}: ${rule}`, { culprit: path, ...(hint === undefined ? {} : { hint }) });
}

function remove(value: unknown, path: Finding['path']): void {
  let holder = value as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as typeof holder;
  const last = path.at(-1);
  if (last === undefined) return;
  if (Array.isArray(holder)) holder.splice(last as number, 1);
  else delete holder[last];
}

/** JSON Pointer (RFC 6901). A name that the type does not have may be anybody's: it is not told. */
function pointer(path: Finding['path'], known: ReadonlySet<string>): string {
  if (path.length === 0) return 'the record';
  return path.map((key) => `/${typeof key === 'number' || known.has(key) ? key : '*'}`).join('');
}

const fhirNames = ['identifier', 'name', 'telecom', 'address', 'photo', 'contact', 'birthDate', 'id', 'text', 'div'];
const referenceNames = ['contained', 'subject', 'patient', 'performer', 'reference', 'display', 'extension'];

function propertyNames(schema: JsonSchema): ReadonlySet<string> {
  const names = new Set([...fhirNames, ...referenceNames]);
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { properties } = part as JsonSchema;
    for (const name of Object.keys(properties ?? {})) names.add(name);
    for (const inner of Object.values(part)) visit(inner);
  };
  visit(schema);
  return names;
}
