import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Card } from '@symbolon/agreement';
import { concat, documentBytes, fault, fromBase64url, parseDocument, type SignedDocument } from '@symbolon/crypto';
import {
  keyIdOf,
  kindOf,
  type Manifest,
  type Place,
  recordForms,
  relinBytes,
  signatureBytes,
  type TableKind,
  verifyManifest,
  verifyRecord,
} from '@symbolon/fhe';
import { type Database, isDuplicate } from '@symbolon/service';
import { sql } from 'kysely';
import type { Context } from './context.ts';
import { readRecordAt, writeRecordAt } from './record-files.ts';

/** A table as its owner sees it here. */
export interface TableInfo {
  readonly id: string;
  readonly name: string;
  readonly kind: TableKind;
  readonly columns: number;
  readonly chunks: number;
  /** Ciphertexts that are here, and that there have to be. */
  readonly received: number;
  readonly expected: number;
  /** Whether questions can be asked. */
  readonly complete: boolean;
}

/** A table that questions can be asked of. */
export interface OpenTable {
  readonly manifest: Manifest;
  /** Null of features, which need none. */
  readonly evaluation: Uint8Array | null;
  /** One file a column: its ciphertexts, chunk after chunk. */
  readonly files: readonly string[];
}

/**
 * Encrypted tables: one file for each column, records of one length at the place of their chunk. What the database says is received is in its file,
 * durably. An owner sees its own tables only.
 */
export class Tables {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Begins a table, or says how far it is: the same manifest again changes nothing. Throws `conflict` for another one of that id, and `compute-quota`. */
  async begin(owner: Card, document: SignedDocument): Promise<TableInfo> {
    const { log, now } = this.#context;
    const { manifest } = verifyManifest(document, fromBase64url(owner.signingKey));
    if (manifest.owner !== owner.id) throw fault('document-signer', `the table belongs to ${manifest.owner}`);
    const { id } = manifest;
    const bytes = documentBytes(document);
    const known = await this.#row(owner.id, id);
    if (known !== undefined) {
      if (Buffer.compare(known.manifest, bytes) === 0) return this.#info(owner, known);
      throw fault('conflict', `another table with the id ${id} is here`);
    }
    const row = { owner: owner.id, id, manifest: bytes, evaluation: null, received: 0, added_at: now().toISOString() };
    const { key } = manifest;
    try {
      await log.append({ kind: 'table-begun', owner: owner.id, table: id, key }, async (transaction) => {
        await transaction.insertInto('encrypted_table').values(row).execute();
        await this.requireRoom(transaction, owner);
        await mkdir(this.#folder(owner.id, id), { recursive: true, mode: 0o700 });
      });
    } catch (error) {
      // Another request for this id was faster.
      if (isDuplicate(error)) return this.begin(owner, document);
      throw error;
    }
    return this.#info(owner, row);
  }

  /** Holds that an owner keeps no more than it may, tables and results. @param more bytes that are to come */
  async requireRoom(transaction: Database, owner: Card, more = 0): Promise<void> {
    const { maxBytesPerOwner, maxTablesPerOwner } = this.#context.settings;
    const tables = await this.#rows(owner.id, transaction);
    const { results } = await transaction
      .selectFrom('compute_job')
      .select(sql<number | string>`coalesce(sum(length(results)), 0)`.as('results'))
      .where('owner', '=', owner.id)
      .executeTakeFirstOrThrow();
    const sizes = tables.map(({ manifest }) => sizeOf(this.#manifest(owner, manifest)));
    const total = sizes.reduce((sum, size) => sum + size, Number(results) + more);
    if (total > maxBytesPerOwner) {
      const what = `${owner.id} would keep ${total} bytes here, and ${maxBytesPerOwner} are the most`;
      throw fault('compute-quota', what);
    }
    if (tables.length > maxTablesPerOwner) {
      throw fault('compute-quota', `${owner.id} keeps ${maxTablesPerOwner} tables here, and that is the most`);
    }
  }

  async list(owner: Card): Promise<TableInfo[]> {
    return (await this.#rows(owner.id)).map((row) => this.#info(owner, row));
  }

  /** Throws `not-found`. */
  async show(owner: Card, id: string): Promise<TableInfo> {
    return this.#info(owner, await this.#known(owner, id));
  }

  /** Which chunks of a column are not here yet, so that an upload goes on where it broke. */
  async missing(owner: Card, id: string, column: number): Promise<number[]> {
    const { chunks, columns } = this.#manifest(owner, (await this.#known(owner, id)).manifest);
    if (column >= columns.length) throw fault('not-found', `the table has no column ${column}`);
    const rows = await this.#context.database
      .selectFrom('encrypted_record')
      .select('chunk')
      .where('owner', '=', owner.id)
      .where('id', '=', id)
      .where('column', '=', column)
      .execute();
    const here = new Set(rows.map(({ chunk }) => chunk));
    return Array.from({ length: chunks }, (_, chunk) => chunk).filter((chunk) => !here.has(chunk));
  }

  /** Keeps the server's keys of a table. Throws `hash-mismatch` where they are not those of the manifest. */
  async keepKeys(owner: Card, id: string, evaluation: Uint8Array): Promise<void> {
    const row = await this.#known(owner, id);
    const { key, kind } = this.#manifest(owner, row.manifest);
    if (kind === 'encrypted-features') throw fault('conflict', `table ${id} needs no evaluation keys`);
    if (evaluation.length !== relinBytes || keyIdOf(evaluation) !== key) {
      throw fault('hash-mismatch', 'these evaluation keys are not those that the manifest names');
    }
    await this.#context.database
      .updateTable('encrypted_table')
      .set({ evaluation })
      .where('owner', '=', owner.id)
      .where('id', '=', id)
      .execute();
  }

  /** Keeps a ciphertext; the same again changes nothing. Throws `bad-signature`, `frame-shape`, `not-found`. */
  async keep(owner: Card, id: string, place: Omit<Place, 'table'>, upload: Uint8Array): Promise<void> {
    const { database } = this.#context;
    const row = await this.#known(owner, id);
    const signer = fromBase64url(owner.signingKey);
    const { manifest, hash } = verifyManifest(parseDocument(row.manifest), signer);
    const { column, chunk } = place;
    if (column >= manifest.columns.length || chunk >= manifest.chunks) throw fault('not-found', 'no such place');
    const kind = kindOf(manifest);
    const record = verifyRecord(upload, { ...place, table: hash }, signer, kind);
    const signature = upload.subarray(0, signatureBytes);
    await writeRecordAt(this.#file(owner.id, id, column), record, chunk * recordForms[kind].bytes);
    await writeRecordAt(this.#signatures(owner.id, id, column), signature, chunk * signatureBytes);
    await database.transaction().execute(async (transaction) => {
      const inserted = await transaction
        .insertInto('encrypted_record')
        .values({ owner: owner.id, id, column, chunk })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (Number(inserted.numInsertedOrUpdatedRows ?? 0n) === 0) return;
      const { numUpdatedRows } = await transaction
        .updateTable('encrypted_table')
        .set(({ eb }) => ({ received: eb('received', '+', 1) }))
        .where('owner', '=', owner.id)
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      // It was removed meanwhile.
      if (numUpdatedRows === 0n) throw unknown(owner, id);
    });
  }

  /** A ciphertext as it was uploaded, for its owner, who knows it by the signature. Throws `not-found`. */
  async upload(owner: Card, id: string, { column, chunk }: Omit<Place, 'table'>): Promise<Uint8Array> {
    const { bytes } = recordForms[kindOf(this.#manifest(owner, (await this.#known(owner, id)).manifest))];
    const here = await this.#context.database
      .selectFrom('encrypted_record')
      .select('chunk')
      .where('owner', '=', owner.id)
      .where('id', '=', id)
      .where('column', '=', column)
      .where('chunk', '=', chunk)
      .executeTakeFirst();
    if (here === undefined) throw fault('not-found', `there is no ciphertext of column ${column}, chunk ${chunk}`);
    const signature = await readRecordAt(
      this.#signatures(owner.id, id, column),
      signatureBytes,
      chunk * signatureBytes,
    );
    const record = await readRecordAt(this.#file(owner.id, id, column), bytes, chunk * bytes);
    return concat(signature, record);
  }

  /** Throws `not-found`, and `conflict` while something of the table is missing. */
  async open(owner: Card, id: string): Promise<OpenTable> {
    const row = await this.#known(owner, id);
    const manifest = this.#manifest(owner, row.manifest);
    if (!isComplete(row, manifest)) {
      throw fault(
        'conflict',
        `table ${id} is not here wholly: ${row.received} of ${expectedOf(manifest)} ciphertexts`,
        {
          hint: 'Go on with its upload.',
        },
      );
    }
    const files = manifest.columns.map((_, column) => this.#file(owner.id, id, column));
    return { manifest, evaluation: row.evaluation, files };
  }

  /** Forgets a table and deletes its files. Throws `not-found`. */
  async remove(owner: Card, id: string): Promise<void> {
    await this.#known(owner, id);
    await this.#context.log.append({ kind: 'table-removed', owner: owner.id, table: id }, async (transaction) => {
      for (const table of ['encrypted_record', 'encrypted_table'] as const) {
        await transaction.deleteFrom(table).where('owner', '=', owner.id).where('id', '=', id).execute();
      }
      // That something was asked stays, as it counts; what was answered is of the table.
      await transaction
        .updateTable('compute_job')
        .set({ results: null })
        .where('owner', '=', owner.id)
        .where('table', '=', id)
        .execute();
    });
    await rm(this.#folder(owner.id, id), { recursive: true, force: true });
  }

  async #known(owner: Card, id: string) {
    const row = await this.#row(owner.id, id);
    if (row !== undefined) return row;
    throw unknown(owner, id);
  }

  #row(owner: string, id: string) {
    return this.#context.database
      .selectFrom('encrypted_table')
      .selectAll()
      .where('owner', '=', owner)
      .where('id', '=', id)
      .executeTakeFirst();
  }

  #rows(owner: string, database: Database = this.#context.database) {
    return database
      .selectFrom('encrypted_table')
      .select(['id', 'manifest', 'received', 'evaluation'])
      .where('owner', '=', owner)
      .orderBy('added_at')
      .orderBy('id')
      .execute();
  }

  #manifest(owner: Card, bytes: Uint8Array): Manifest {
    return verifyManifest(parseDocument(bytes), fromBase64url(owner.signingKey)).manifest;
  }

  #info(owner: Card, row: { manifest: Uint8Array; received: number; evaluation: Uint8Array | null }): TableInfo {
    const manifest = this.#manifest(owner, row.manifest);
    const { id, name, columns, chunks } = manifest;
    const expected = expectedOf(manifest);
    const complete = isComplete(row, manifest);
    return {
      id,
      name,
      kind: kindOf(manifest),
      columns: columns.length,
      chunks,
      received: row.received,
      expected,
      complete,
    };
  }

  /** Ids are base64url of 16 bytes and owners short names, both checked: neither leads elsewhere. */
  #folder(owner: string, id: string): string {
    return join(this.#context.home.path, 'tables', owner, id);
  }

  #file(owner: string, id: string, column: number): string {
    return join(this.#folder(owner, id), `${column}.column`);
  }

  #signatures(owner: string, id: string, column: number): string {
    return join(this.#folder(owner, id), `${column}.signatures`);
  }
}

const unknown = ({ id: owner }: Card, id: string) => fault('not-found', `${owner} has no encrypted table ${id} here`);
const expectedOf = ({ columns, chunks }: Manifest): number => columns.length * chunks;
const sizeOf = (manifest: Manifest): number => expectedOf(manifest) * recordForms[kindOf(manifest)].bytes;

function isComplete(row: { received: number; evaluation: Uint8Array | null }, manifest: Manifest): boolean {
  const { kind } = manifest;
  return row.received === expectedOf(manifest) && (kind === 'encrypted-features' || row.evaluation !== null);
}
