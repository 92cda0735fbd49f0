import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { recordText } from '@symbolon/consent';
import { base64url, fault, fromBase64url } from '@symbolon/crypto';
import { type Also, type Database, type Page, type PageQuery, pageFrom } from '@symbolon/service';
import { type Context, policyOf } from '../context.ts';
import type { RecordType, RecordTypes } from '../records/types/types.ts';
import { type ExportedRecord, ExportIds, exportedAccesses, exportedConsents, exportedRecords } from './collect.ts';
import { auditResource, consentResource, provenanceResource, type Resource, recordResource } from './fhir.ts';
import { LineFiles, writeParquet } from './files.ts';

/** How records are written. */
export const exportFormats = ['fhir-ndjson', 'fhir-bundle', 'ndjson', 'parquet'] as const;
/** One of {@link exportFormats}. */
export type ExportFormat = (typeof exportFormats)[number];

/** An export as administrators see it. */
export interface ExportInfo {
  readonly id: string;
  readonly module: string;
  readonly purpose: string;
  readonly format: ExportFormat;
  readonly by: string;
  readonly at: string;
  readonly records: number;
  /** None once it was deleted. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

const rowsAtOnce = 500;
/** Of a folder that is being written. */
const partEnding = '.part';

/**
 * Exports of a module's records by administrators, into a folder of the server. What names a patient, a physician or a record there means something in that
 * export alone. Each record that leaves is told to its patient, with the purpose. Who objected is in none, nor are drafts and images.
 */
export class Exports {
  readonly #context: Pick<Context, 'home' | 'settings' | 'database' | 'log' | 'rng' | 'now'>;
  readonly #types: RecordTypes;

  constructor(context: Pick<Context, 'home' | 'settings' | 'database' | 'log' | 'rng' | 'now'>, types: RecordTypes) {
    this.#context = context;
    this.#types = types;
  }

  async make(
    { module, purpose, format }: Pick<ExportInfo, 'module' | 'purpose' | 'format'>,
    by: string,
    also: Also<{ readonly export: string }>,
  ): Promise<ExportInfo> {
    const { settings, log, rng, now } = this.#context;
    policyOf(settings, module);
    const id = base64url(rng(16));
    const begun = this.#folder(`${id}${partEnding}`);
    await mkdir(begun, { recursive: true, mode: 0o700 });
    try {
      const records = await this.#write(begun, module, format);
      const at = now().toISOString();
      const event = { kind: 'records-exported', export: id, module, purpose, format, by, records: records.length, at };
      await log.append(event, async (within) => {
        const row = { id, module, purpose, format, by, at, records: records.length };
        await within.insertInto('record_export').values(row).execute();
        await this.#tellPatients(within, row, records);
        await also(within, { export: id });
      });
      await rename(begun, this.#folder(id));
    } catch (error) {
      await rm(begun, { recursive: true, force: true });
      throw error;
    }
    return this.get(id);
  }

  /** After a crash: what no patient was told of is deleted, the rest is put in its place. */
  async recover(): Promise<void> {
    const parts = (await readdir(this.#folder('')).catch(() => [])).filter((name) => name.endsWith(partEnding));
    for (const part of parts) {
      const id = part.slice(0, -partEnding.length);
      const row = await this.#context.database
        .selectFrom('record_export')
        .select('id')
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) await rm(this.#folder(part), { recursive: true, force: true });
      else await rename(this.#folder(part), this.#folder(id));
    }
  }

  /** Throws `not-found`. */
  async get(id: string): Promise<ExportInfo> {
    const row = await this.#context.database
      .selectFrom('record_export')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no export ${id}`, { culprit: id });
    return { ...row, format: row.format as ExportFormat, files: await this.#files(id) };
  }

  async list({ after = '', limit }: PageQuery): Promise<Page<ExportInfo>> {
    const rows = await this.#context.database
      .selectFrom('record_export')
      .select('id')
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return pageFrom(await Promise.all(rows.map(({ id }) => this.get(id))), limit, ({ id }) => id);
  }

  /** Some bytes of a file. Throws `not-found`. */
  async read(id: string, name: string, from: number, most: number): Promise<Uint8Array> {
    const { files } = await this.get(id);
    // A name that is in the list leads nowhere else.
    if (!files.some((file) => file.name === name))
      throw fault('not-found', 'the export has no such file', { culprit: id });
    const handle = await open(join(this.#folder(id), name));
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(most), 0, most, from);
      return new Uint8Array(buffer.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  }

  /** Deletes its files; that it was made, and what it told patients, stays. */
  async delete(id: string, by: string): Promise<void> {
    const { log, now } = this.#context;
    const { module, files } = await this.get(id);
    if (files.length === 0) return;
    // First: of a server that stops in between, the list shows that the files are there still.
    await log.append({ kind: 'export-deleted', export: id, module, by, at: now().toISOString() });
    await rm(this.#folder(id), { recursive: true, force: true });
  }

  #folder(name: string): string {
    return join(this.#context.home.path, 'exports', name);
  }

  async #files(id: string): Promise<{ name: string; bytes: number }[]> {
    const names = await readdir(this.#folder(id)).catch(() => []);
    return Promise.all(
      names.sort().map(async (name) => ({ name, bytes: (await stat(join(this.#folder(id), name))).size })),
    );
  }

  async #write(folder: string, module: string, format: ExportFormat): Promise<ExportedRecord[]> {
    const files = new LineFiles(folder);
    const ids = new ExportIds(this.#context.rng);
    const taken: ExportedRecord[] = [];
    const fhir = format.startsWith('fhir-');
    const used = new Map<string, RecordType>();
    const put = putterOf(files, format);
    try {
      if (format === 'fhir-bundle')
        await files.add('bundle.json', '{"resourceType":"Bundle","type":"collection","entry":[');
      for await (const record of exportedRecords(this.#context.database, module)) {
        taken.push({ ...record, body: '' });
        const type = await this.#types.get(module, record.type, record.typeVersion);
        used.set(record.type, type);
        if (!fhir) await files.add(`${record.type}.ndjson`, lineOf(record, ids));
        else {
          await put(recordResource(record, type.fhir, ids, module));
          await put(provenanceResource(record, { fhir: type.fhir, signed: this.#signed(record, module) }, ids));
        }
      }
      if (fhir) await this.#writeAccesses(put, module, ids);
      if (format === 'fhir-bundle') await files.add('bundle.json', ']}');
    } finally {
      await files.close();
    }
    if (format === 'parquet') await this.#toParquet(folder, module, [...used.keys()]);
    return taken;
  }

  async #writeAccesses(put: (resource: Resource) => Promise<void>, module: string, ids: ExportIds): Promise<void> {
    const { database, home, now } = this.#context;
    const time = now().toISOString();
    for await (const consent of exportedConsents(database, module)) await put(consentResource(consent, ids, time));
    for await (const access of exportedAccesses(database, module)) await put(auditResource(access, ids, home.card.id));
  }

  /** By the newest version of each type. */
  async #toParquet(folder: string, module: string, names: readonly string[]): Promise<void> {
    for (const type of await this.#types.newest(module)) {
      if (!names.includes(type.name)) continue;
      const lines = join(folder, `${type.name}.ndjson`);
      await writeParquet(lines, join(folder, `${type.name}.parquet`), type);
      await rm(lines);
    }
  }

  #signed({ name, relation, signature, ...record }: ExportedRecord, module: string): Uint8Array | undefined {
    if (signature === null) return undefined;
    const registry = { server: this.#context.home.card.id, module };
    return recordText({ ...record, registry, relation: fromBase64url(relation), record: fromBase64url(name) });
  }

  async #tellPatients(
    within: Database,
    { module, purpose, at }: Pick<ExportInfo, 'module' | 'purpose' | 'at'>,
    records: readonly ExportedRecord[],
  ): Promise<void> {
    const institution = this.#context.home.card.id;
    for (let from = 0; from < records.length; from += rowsAtOnce) {
      const rows = records.slice(from, from + rowsAtOnce).map(({ relation, name: record }) => ({
        ...({ module, relation, by: 'administration', institution, what: 'exported', record, session: null } as const),
        ...({ basis: 'administration', purpose, at } as const),
      }));
      await within.insertInto('record_access').values(rows).execute();
    }
  }
}

function putterOf(files: LineFiles, format: ExportFormat): (resource: Resource) => Promise<void> {
  let first = true;
  return async (resource) => {
    if (format === 'fhir-ndjson') {
      await files.add(`${resource.resourceType}.ndjson`, JSON.stringify(resource));
      return;
    }
    const entry = JSON.stringify({ fullUrl: `urn:symbolon:${resource.resourceType}:${resource.id}`, resource });
    await files.add('bundle.json', `${first ? '' : ','}${entry}`);
    first = false;
  };
}

function lineOf(record: ExportedRecord, ids: ExportIds): string {
  const { name, patient, version, typeVersion, recordedAt, group, physician, institution, body } = record;
  const frame = {
    patient: ids.id('patient', patient),
    record: ids.id('record', name),
    ...{ version, type_version: typeVersion, recorded: recordedAt, group },
    physician: ids.id('physician', physician),
    institution,
  };
  // The body stays as it was written, on one line: in JSON, no text has a line break as it is.
  return `${JSON.stringify(frame).slice(0, -1)},"body":${body.replace(/[\r\n]/g, ' ')}}`;
}
