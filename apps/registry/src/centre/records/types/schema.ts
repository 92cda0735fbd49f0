import { fault } from '@symbolon/crypto';
import { readJsonBody } from '@symbolon/service';
import { formats } from './formats.ts';
import { isQuickPattern } from './pattern.ts';

/** JSON Schema (draft 2020-12), of which record types use a small part. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Longest text of a schema. */
export const mostSchemaCharacters = 100_000;
const deepest = 12;
const mostProperties = 500;
/** A text of one of these lengths is what a form or a code holds; longer ones say what they are by `x-free-text`. */
const longestText = 1000;
const mostItems = 1000;

const annotations = ['title', 'description'];
const common = ['type', ...annotations, 'enum', 'const', 'x-policy'];
/** What a schema may say of values of a type; whatever stands elsewhere is a mistake, or wants more than a record type may. */
const keywords: Readonly<Record<string, readonly string[]>> = {
  object: [...common, 'properties', 'required', 'additionalProperties'],
  array: [...common, 'items', 'minItems', 'maxItems', 'uniqueItems'],
  string: [...common, 'minLength', 'maxLength', 'pattern', 'format', 'x-free-text'],
  number: [...common, 'minimum', 'maximum', 'multipleOf'],
  integer: [...common, 'minimum', 'maximum', 'multipleOf'],
  boolean: common,
};
const policies: readonly unknown[] = ['hidden', 'aggregate', 'filter', 'group'];
const ofRoot = ['$schema', '$defs', 'x-fhir', 'x-identifiers', 'x-one-per-patient'];
const dialect = 'https://json-schema.org/draft/2020-12/schema';
const propertyName = /^_?[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * Reads the schema of a record type, and refuses whatever could let a body hold more than the type is for: objects whose properties are not all listed,
 * texts of which nothing is known and that are not declared as free text (`x-free-text`), references out of the schema or in circles, patterns that
 * take long. Beside JSON Schema it may say:
 *
 * - `x-free-text: true` of a text: anything may stand there
 * - `x-policy` of a property: what studies may do with it (`hidden`, `aggregate`, `filter`, `group`)
 * - `x-fhir` of the whole: the FHIR R4 resource that bodies are
 * - `x-identifiers: strip` of the whole: what names people in a FHIR resource is taken out; else it is refused
 * - `x-one-per-patient: true` of the whole: of a patient's records studies see the newest
 *
 * Throws `record-type` naming the place.
 */
export function readSchema(text: string): JsonSchema {
  if (text.length > mostSchemaCharacters) throw refused('', `longer than ${mostSchemaCharacters} characters`);
  const schema = objectOf(readJsonBody(new TextEncoder().encode(text)), '');
  new Walk(schema).root();
  return schema;
}

class Walk {
  readonly #root: JsonSchema;
  readonly #definitions: JsonSchema;
  #properties = 0;

  constructor(root: JsonSchema) {
    this.#root = root;
    this.#definitions = root.$defs === undefined ? {} : objectOf(root.$defs, '/$defs');
  }

  root(): void {
    const { $schema, 'x-fhir': fhir, 'x-identifiers': identifiers, 'x-one-per-patient': one } = this.#root;
    if ($schema !== undefined && $schema !== dialect) throw refused('/$schema', `only ${dialect}`);
    if (identifiers !== undefined && identifiers !== 'strip' && identifiers !== 'refuse') {
      throw refused('/x-identifiers', 'strip, or refuse');
    }
    if (one !== undefined && typeof one !== 'boolean') throw refused('/x-one-per-patient', 'true, or false');
    if (this.#root.type !== 'object') throw refused('/type', 'a record is an object');
    for (const name of Object.keys(this.#definitions)) {
      if (!propertyName.test(name)) throw refused('/$defs', 'names of definitions have letters and digits');
    }
    this.#schema(this.#root, '', 0, []);
    for (const [name, definition] of Object.entries(this.#definitions)) {
      this.#schema(objectOf(definition, `/$defs/${name}`), `/$defs/${name}`, 1, [name]);
    }
    if (fhir !== undefined) this.#fhir(fhir);
  }

  #fhir(resource: unknown): void {
    const type = (this.#root.properties as JsonSchema).resourceType as JsonSchema | undefined;
    const required = this.#root.required as readonly string[] | undefined;
    if (typeof resource !== 'string' || type?.const !== resource || required?.includes('resourceType') !== true) {
      throw refused('/x-fhir', 'resourceType must be required, and this as its const');
    }
  }

  #schema(schema: JsonSchema, at: string, depth: number, open: readonly string[]): void {
    if (depth > deepest) throw refused(at, `deeper than ${deepest} levels`);
    if (schema.$ref !== undefined) {
      this.#reference(schema, at, depth, open);
      return;
    }
    const types = typesOf(schema, at);
    const allowed = new Set(types.flatMap((type) => keywords[type] ?? []));
    if (at === '') for (const keyword of ofRoot) allowed.add(keyword);
    const strange = Object.keys(schema).find((keyword) => !allowed.has(keyword));
    if (strange !== undefined)
      throw refused(at, `the keyword ${JSON.stringify(strange.slice(0, 40))} cannot stand here`);
    const policy = schema['x-policy'];
    if (policy !== undefined && !policies.includes(policy))
      throw refused(at, `x-policy is one of ${policies.join(', ')}`);
    if (types.includes('object')) this.#object(schema, at, depth, open);
    if (types.includes('array')) this.#array(schema, at, depth, open);
    if (types.includes('string')) requireKnownText(schema, at);
  }

  #reference(schema: JsonSchema, at: string, depth: number, open: readonly string[]): void {
    const name = /^#\/\$defs\/(\w+)$/.exec(String(schema.$ref))?.[1];
    const strange = Object.keys(schema).find((keyword) => keyword !== '$ref' && !annotations.includes(keyword));
    if (strange !== undefined || name === undefined || !Object.hasOwn(this.#definitions, name)) {
      throw refused(at, 'a $ref stands alone and names one of this schema: #/$defs/…');
    }
    if (open.includes(name)) throw refused(at, 'a definition cannot hold itself');
    this.#schema(objectOf(this.#definitions[name], `/$defs/${name}`), at, depth + 1, [...open, name]);
  }

  #object(schema: JsonSchema, at: string, depth: number, open: readonly string[]): void {
    if (schema.additionalProperties !== false) throw refused(at, 'additionalProperties must be false');
    const properties = objectOf(schema.properties, `${at}/properties`);
    for (const [name, property] of Object.entries(properties)) {
      if (!propertyName.test(name)) throw refused(at, 'names of properties have letters, digits and _');
      if (++this.#properties > mostProperties) throw refused(at, `more than ${mostProperties} properties in all`);
      this.#schema(objectOf(property, `${at}/${name}`), `${at}/${name}`, depth + 1, open);
    }
  }

  #array(schema: JsonSchema, at: string, depth: number, open: readonly string[]): void {
    if (!isCount(schema.maxItems, mostItems)) throw refused(at, `an array has maxItems, ${mostItems} at most`);
    this.#schema(objectOf(schema.items, `${at}/items`), `${at}/items`, depth + 1, open);
  }
}

function typesOf(schema: JsonSchema, at: string): readonly string[] {
  const types = Array.isArray(schema.type) ? (schema.type as unknown[]) : [schema.type];
  const known = types.filter((type): type is string => type === 'null' || Object.hasOwn(keywords, String(type)));
  const one = known.filter((type) => type !== 'null');
  if (known.length === types.length && one.length === 1) return one;
  throw refused(at, 'every value has a type: one, or one and null');
}

/** What a text may be is said, or that it may be anything. */
function requireKnownText(schema: JsonSchema, at: string): void {
  const { pattern, format, maxLength } = schema;
  if (schema['x-free-text'] !== undefined) {
    if (schema['x-free-text'] !== true || !isCount(maxLength, 65_536)) {
      throw refused(at, 'free text is declared by x-free-text: true, with maxLength');
    }
    return;
  }
  if (schema.enum !== undefined || schema.const !== undefined) return;
  if (format !== undefined) {
    if (typeof format === 'string' && Object.hasOwn(formats, format)) return;
    throw refused(at, `formats are ${Object.keys(formats).join(', ')}`);
  }
  if (pattern === undefined)
    throw refused(at, 'a text has enum, const, format or pattern, or is declared as x-free-text');
  if (typeof pattern !== 'string' || !isQuickPattern(pattern) || !isCount(maxLength, longestText)) {
    throw refused(at, `a pattern is like ^[A-Z]{2}\\d{4}$, without groups, with maxLength ${longestText} at most`);
  }
}

function isCount(value: unknown, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function objectOf(value: unknown, at: string): JsonSchema {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonSchema;
  throw refused(at, 'an object is needed here');
}

function refused(at: string, rule: string): Error {
  return fault('record-type', `${at === '' ? 'the schema' : at}: ${rule}`, { culprit: at === '' ? 'schema' : at });
}
