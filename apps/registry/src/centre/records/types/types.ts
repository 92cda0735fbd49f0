import { fault } from '@symbolon/crypto';
import { type Also, type Database, isDuplicate, type ServerLog } from '@symbolon/service';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { formats } from './formats.ts';
import { type JsonSchema, readSchema } from './schema.ts';

/** A version of a record type. */
export interface RecordType {
  readonly module: string;
  readonly name: string;
  readonly version: number;
  readonly schema: JsonSchema;
  /** As its author wrote it. */
  readonly text: string;
  /** The FHIR resource that records are; undefined if they are none. */
  readonly fhir: string | undefined;
  /** Whether what names people is taken out, and not refused. */
  readonly strips: boolean;
  /** Throws `record-invalid` naming the place and the rule. */
  check(body: unknown): void;
}

/** Record types of modules. A version that is there is never changed. */
export class RecordTypes {
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #now: () => Date;
  readonly #known = new Map<string, RecordType>();

  constructor(of: { readonly database: Database; readonly log: Pick<ServerLog, 'append'>; readonly now: () => Date }) {
    this.#database = of.database;
    this.#log = of.log;
    this.#now = of.now;
  }

  /**
   * Adds a type, or its next version. Throws `record-type`, or `conflict` where somebody else just added one.
   * @param of.by whoever asks @param also is called in the transaction of the change
   */
  async add(
    of: { readonly module: string; readonly name: string; readonly schema: string; readonly by: string },
    also: Also<RecordType> = async () => undefined,
  ): Promise<RecordType> {
    const { module, name, schema, by } = of;
    const last = (await this.newest(module)).find((type) => type.name === name);
    const type = compileType({ module, name, version: (last?.version ?? 0) + 1, text: schema });
    const at = this.#now().toISOString();
    const event = { kind: 'record-type-added', module, name, version: type.version, by, at };
    try {
      await this.#log.append(event, async (within) => {
        const row = { module, name, version: type.version, schema, added_by: by, added_at: at };
        await within.insertInto('record_type').values(row).execute();
        await also(within, type);
      });
    } catch (error) {
      if (isDuplicate(error))
        throw fault('conflict', `another version of ${name} was added just now`, { culprit: name });
      throw error;
    }
    return type;
  }

  /** Of each type of a module its newest version, by name. */
  async newest(module: string): Promise<RecordType[]> {
    const rows = await this.#database
      .selectFrom('record_type')
      .selectAll()
      .where('module', '=', module)
      .orderBy('name')
      .orderBy('version', 'desc')
      .execute();
    return rows
      .filter(({ name }, i) => rows[i - 1]?.name !== name)
      .map(({ schema: text, ...row }) => this.#compiled({ ...row, text }));
  }

  /** Throws `not-found`. */
  async get(module: string, name: string, version: number): Promise<RecordType> {
    const known = this.#known.get(keyOf({ module, name, version }));
    if (known !== undefined) return known;
    const row = await this.#database
      .selectFrom('record_type')
      .select('schema')
      .where('module', '=', module)
      .where('name', '=', name)
      .where('version', '=', version)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no version ${version} of the record type ${name}`);
    return this.#compiled({ module, name, version, text: row.schema });
  }

  #compiled(of: Pick<RecordType, 'module' | 'name' | 'version' | 'text'>): RecordType {
    const known = this.#known.get(keyOf(of)) ?? compileType(of);
    this.#known.set(keyOf(of), known);
    return known;
  }
}

const keyOf = ({ module, name, version }: Pick<RecordType, 'module' | 'name' | 'version'>): string =>
  JSON.stringify([module, name, version]);

/** Reads and compiles a schema. Throws `record-type`. */
export function compileType(of: Pick<RecordType, 'module' | 'name' | 'version' | 'text'>): RecordType {
  const schema = readSchema(of.text);
  const validate = compile(schema, of.name);
  return {
    ...of,
    schema,
    fhir: schema['x-fhir'] as string | undefined,
    strips: schema['x-identifiers'] === 'strip',
    check(body) {
      if (!validate(body)) throw invalid(validate.errors![0]!);
    },
  };
}

// Each schema has a compiler of its own: none can name another's parts.
function compile({ $schema: _, ...schema }: JsonSchema, name: string): ValidateFunction {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    ownProperties: true,
    multipleOfPrecision: 9,
    formats,
  });
  ajv.addVocabulary(['x-free-text', 'x-policy', 'x-fhir', 'x-identifiers', 'x-one-per-patient']);
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw fault(
      'record-type',
      `the schema cannot be used: ${error instanceof Error ? error.message : ''}`.slice(0, 300),
      {
        culprit: name,
      },
    );
  }
}

/** A place is made of names that stand in the schema and of numbers; the words are the schema's. Nothing of the body is told. */
function invalid({ instancePath, message }: ErrorObject): Error {
  const place = instancePath === '' ? 'the record' : instancePath;
  return fault('record-invalid', `${place}: ${message}`, { culprit: place });
}
