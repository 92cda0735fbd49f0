import { rm } from 'node:fs/promises';
import { base64url, documentBytes, fault, parseDocument, type SignedDocument } from '@symbolon/crypto';
import { featureOf, type Layout, layOut, specOf, type TableKind } from '@symbolon/fhe';
import { type Also, type DatabaseSchema, keepCheckpoint } from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { PartyContext } from '../context.ts';
import type { OutsourcedTable } from './describe.ts';
import { shapeOf, type TableForm } from './forms.ts';
import { ownFolder } from './own-files.ts';
import type { Folders } from './seal-task.ts';
import { StoredColumns } from './stored-columns.ts';

type Row = Selectable<DatabaseSchema['sealed_table']>;

/** An encrypted table, as this organisation sees it. */
export interface SealedTableInfo {
  readonly id: number;
  /** Hash of the agreement, and the table's name there. */
  readonly agreement: string;
  readonly name: string;
  readonly kind: TableKind;
  /** Number of its key. */
  readonly key: number;
  /** Its id at the compute server. */
  readonly table: string;
  readonly state: Row['state'];
  readonly columns: readonly string[];
  readonly rows: number | null;
  /** Records that took no part, because people opted out. */
  readonly leftOut: number | null;
  /** The table that this one is to stand in the place of, under another key. */
  readonly replaces: number | null;
  readonly madeBy: string;
  readonly madeAt: string;
}

/** All that is known of a table but its key's secret. */
export interface KnownTable extends SealedTableInfo {
  readonly described: OutsourcedTable;
  readonly digest: string | null;
  readonly manifest: SignedDocument | null;
}

/** What is found out when a table was encrypted. */
export interface Encrypted {
  readonly rows: number;
  readonly digest: string | null;
  readonly leftOut: number | null;
  readonly manifest: SignedDocument;
}

/** The encrypted tables of an organisation: what is known of them. Each change is one transaction with its entry in the log. */
export class SealedTables {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** Notes that a table is being encrypted. @returns it */
  async begin(
    wanted: {
      agreement: string;
      key: number;
      described: OutsourcedTable;
      replaces: number | null;
      person: string;
    },
    also?: Also<number>,
  ): Promise<KnownTable> {
    const { log, rng, now } = this.#context;
    const { agreement, key, described, replaces, person } = wanted;
    const table = base64url(rng(16));
    const { name } = described;
    let id = 0;
    await log.append({ kind: 'sealed-table-begun', agreement, name, table, person }, async (transaction) => {
      const row = {
        ...{ agreement, name, key, table, described: JSON.stringify(described), state: 'encrypting' as const },
        ...{ rows: null, left_out: null, digest: null, manifest: null, replaces },
        ...{ made_by: person, made_at: now().toISOString() },
      };
      ({ id } = await transaction.insertInto('sealed_table').values(row).returning('id').executeTakeFirstOrThrow());
      await also?.(transaction, id);
    });
    return this.find(id);
  }

  /** Its ciphertexts are on this machine, all of them. */
  async encrypted({ id, agreement, table }: SealedTableInfo, made: Encrypted): Promise<void> {
    const { rows, digest, leftOut } = made;
    const manifest = documentBytes(made.manifest);
    await this.#change({ kind: 'sealed-table-encrypted', agreement, table, rows }, id, {
      ...{ state: 'encrypted', rows, digest, left_out: leftOut, manifest },
    });
  }

  /** The server has it; one that it replaces is no more than a copy to be deleted. */
  async uploaded({ id, agreement, table, replaces }: SealedTableInfo): Promise<void> {
    const event = { kind: 'sealed-table-uploaded', agreement, table };
    await this.#change(event, id, { state: 'uploaded' }, replaces === null ? [] : [[replaces, { state: 'replaced' }]]);
  }

  /** Nobody has its ciphertexts any more. */
  async deleted({ id, agreement, table }: SealedTableInfo): Promise<void> {
    await this.#change({ kind: 'sealed-table-deleted', agreement, table }, id, { state: 'deleted' });
    await rm(this.own({ table }), { recursive: true, force: true });
  }

  async list(): Promise<KnownTable[]> {
    const rows = await this.#context.database.selectFrom('sealed_table').selectAll().orderBy('id').execute();
    return rows.map(known);
  }

  /** Throws `not-found`. */
  async find(id: number): Promise<KnownTable> {
    const row = await this.#context.database
      .selectFrom('sealed_table')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no encrypted table ${id} here`);
    return known(row);
  }

  async show(id: number): Promise<SealedTableInfo> {
    return infoOf(await this.find(id));
  }

  /** The newest table of that name that questions can be asked of. Throws `not-found`. */
  async current(agreement: string, name: string, kind: TableKind = 'exact'): Promise<KnownTable> {
    const all = (await this.list()).filter(
      (one) => one.agreement === agreement && one.name === name && one.kind === kind,
    );
    const found = all.findLast(({ state }) => state === 'uploaded');
    if (found !== undefined) return found;
    const last = all.at(-1);
    throw fault(
      'not-found',
      `the table ${name} of this agreement is not at its server${kind === 'exact' ? '' : ', for scores'}`,
      {
        culprit: name,
        hint:
          last === undefined
            ? 'Encrypt it: symbolon seal encrypt. Then upload it: symbolon seal upload.'
            : `Table ${last.id} is ${last.state}. Its next step: symbolon seal ${last.state === 'encrypted' ? `upload ${last.id}` : 'encrypt'}`,
      },
    );
  }

  /** When the rows of a table were read (ISO). One that was moved to another key without them has those of the one before. */
  async readAt({ digest, replaces, madeAt }: KnownTable): Promise<string> {
    return digest === null && replaces !== null ? this.readAt(await this.find(replaces)) : madeAt;
  }

  /** Its ciphertexts on this machine. */
  stored({ table, described }: KnownTable): StoredColumns {
    return new StoredColumns(this.#context.home.path, table, shapeOf(formOf(described), 1));
  }

  /** Where whose rows they are, and their scores, are kept: of features alone. */
  own({ table }: Pick<KnownTable, 'table'>): string {
    return ownFolder(this.#context.home.path, table);
  }

  /** Where all of a table is on this machine. */
  folders(table: KnownTable): Folders {
    return { folder: this.stored(table).folder, own: this.own(table) };
  }

  async #change(
    event: { readonly kind: string; readonly [field: string]: string | number },
    id: number,
    change: Partial<Row>,
    others: readonly (readonly [number, Partial<Row>])[] = [],
  ): Promise<void> {
    await this.#context.log.append(event, async (transaction) => {
      for (const [table, set] of [[id, change] as const, ...others]) {
        await transaction.updateTable('sealed_table').set(set).where('id', '=', table).execute();
      }
    });
    await keepCheckpoint(this.#context);
  }
}

/** What of a table is encrypted, and how. Throws `table-layout`. */
export function formOf({ columns, kind }: OutsourcedTable): TableForm {
  return kind === undefined
    ? { kind: 'exact', specs: columns.map(specOf) }
    : { kind, features: columns.map(featureOf) };
}

/** How an exact table is encrypted, once its rows are counted. */
export function layoutOf({ columns }: OutsourcedTable, rows: number): Layout {
  return layOut(columns.map(specOf), rows);
}

/** Without what commands have no use for. */
export function infoOf({ described: _, digest: __, manifest: ___, ...info }: KnownTable): SealedTableInfo {
  return info;
}

function known(row: Row): KnownTable {
  const { id, agreement, name, key, table, state, rows, digest, manifest, replaces } = row;
  const described = JSON.parse(row.described) as OutsourcedTable;
  return {
    ...{ id, agreement, name, key, table, state, rows, digest, replaces, described },
    kind: described.kind ?? 'exact',
    manifest: manifest === null ? null : parseDocument(manifest),
    columns: described.columns.map((column) => column.name),
    leftOut: row.left_out,
    madeBy: row.made_by,
    madeAt: row.made_at,
  };
}
