import type { RecordHeader, RecordList, RecordRead } from '@symbolon/consent';
import { base64url, fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { Context } from '../context.ts';
import type { Grants, Scope } from '../grants.ts';
import { keepAccess } from './access.ts';
import type { Author } from './author.ts';
import { type VisibleRecord, visibleRecord, visibleRecords } from './visible.ts';

/** Which records are listed. */
interface RecordQuery {
  readonly type?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What physicians read. Every access is kept before its answer leaves. */
export class RecordReader {
  readonly #context: Pick<Context, 'database' | 'log' | 'now'>;
  readonly #grants: Grants;

  constructor(context: Pick<Context, 'database' | 'log' | 'now'>, grants: Grants) {
    this.#context = context;
    this.#grants = grants;
  }

  /** One page of what this physician may read of a patient, the newest first. */
  async list(by: Author, relation: string, { type, after, limit }: RecordQuery): Promise<RecordList> {
    const { database } = this.#context;
    const scope = await this.#scope(by, relation);
    const before = after === undefined ? undefined : (await visibleRecord(database, scope, after)).id;
    const rows = await visibleRecords(database, scope)
      .$if(type !== undefined, (query) => query.where('record.type', '=', type!))
      .$if(before !== undefined, (query) => query.where('record.id', '<', before!))
      .orderBy('record.id', 'desc')
      .limit(limit + 1)
      .execute();
    const shown = rows.slice(0, limit).map((row): VisibleRecord => ({ ...row, draft: row.draft === 1 }));
    const items = await this.#headers(scope, shown);
    await this.#keep({ scope, what: 'listed', records: shown, record: null });
    return { items, next: rows.length > limit ? shown.at(-1)!.name : null };
  }

  /** A version of a record; the newest, if none is named. */
  async read(by: Author, relation: string, name: string, version?: number): Promise<RecordRead> {
    const { database } = this.#context;
    const scope = await this.#scope(by, relation);
    const record = await visibleRecord(database, scope, name);
    const row = await database
      .selectFrom('record_version')
      .select(['version', 'type_version', 'body', 'certificate', 'signature', 'recorded_at'])
      .where('record', '=', record.id)
      .where('version', '=', version ?? record.version)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `the record has no version ${version}`);
    const [header] = await this.#headers(scope, [record]);
    await this.#keep({ scope, what: 'read', records: [record], record: name });
    const { body, certificate, signature } = row;
    return {
      ...header!,
      version: row.version,
      typeVersion: row.type_version,
      recordedAt: Date.parse(row.recorded_at),
      signed: signature !== null,
      body,
      certificate,
      signature: signature === null ? null : base64url(signature),
    };
  }

  /** The headers of all versions, the first first. */
  async versions(by: Author, relation: string, name: string) {
    const { database } = this.#context;
    const scope = await this.#scope(by, relation);
    const record = await visibleRecord(database, scope, name);
    const rows = await database
      .selectFrom('record_version')
      .select(['version', 'type_version as typeVersion', 'recorded_at', 'certificate'])
      .where('record', '=', record.id)
      .orderBy('version')
      .execute();
    await this.#keep({ scope, what: 'listed', records: [record], record: name });
    return {
      items: rows.map(({ certificate, recorded_at, ...row }) => ({
        ...row,
        recordedAt: Date.parse(recorded_at),
        signed: certificate !== null,
      })),
    };
  }

  /** An image of a record. */
  async file(by: Author, relation: string, name: string, file: number): Promise<Uint8Array> {
    const { database } = this.#context;
    const scope = await this.#scope(by, relation);
    const record = await visibleRecord(database, scope, name);
    const row = await database
      .selectFrom('record_file')
      .select('bytes')
      .where('record', '=', record.id)
      .where('file', '=', file)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `the record has no file ${file}`);
    await this.#keep({ scope, what: 'read', records: [record], record: name });
    return row.bytes;
  }

  async #scope(by: Author, relation: string): Promise<Scope> {
    return this.#grants.scope(await this.#grants.relation(by, relation));
  }

  async #keep(access: Omit<Parameters<typeof keepAccess>[1], 'at'>): Promise<void> {
    const { log, now } = this.#context;
    const kept = await keepAccess({ log, grants: this.#grants }, { ...access, at: now().toISOString() });
    if (!kept) throw fault('not-found', 'there is no such record here that this physician may read');
  }

  async #headers({ relation }: Scope, records: readonly VisibleRecord[]): Promise<RecordHeader[]> {
    const more = await newestVersions(this.#context.database, records);
    return records.map((record): RecordHeader => {
      const { id, name, type, group, physician, institution, version, recordedAt, draft } = record;
      const { typeVersion, signed, files } = more.get(id)!;
      const own = record.relation === relation.id;
      const header = { record: name, version, type, typeVersion, group, physician, institution };
      return { ...header, recordedAt: Date.parse(recordedAt), own, draft, signed, files };
    });
  }
}

async function newestVersions(database: Database, records: readonly VisibleRecord[]) {
  if (records.length === 0) return new Map<number, never>();
  const rows = await database
    .selectFrom('record')
    .innerJoin('record_version', (join) =>
      join.onRef('record_version.record', '=', 'record.id').onRef('record_version.version', '=', 'record.version'),
    )
    .select(({ selectFrom }) => [
      'record.id',
      'record_version.type_version as typeVersion',
      'record_version.certificate',
      selectFrom('record_file')
        .whereRef('record_file.record', '=', 'record.id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('files'),
    ])
    .where(
      'record.id',
      'in',
      records.map(({ id }) => id),
    )
    .execute();
  return new Map(
    rows.map(({ id, typeVersion, certificate, files }) => [
      id,
      { typeVersion, signed: certificate !== null, files: Number(files) },
    ]),
  );
}
