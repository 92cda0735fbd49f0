import { base64url, documentBytes, fault, parseDocument, type SignedDocument } from '@symbolon/crypto';
import { type Layout, layOut, specOf } from '@symbolon/fhe';
import { type Also, type DatabaseSchema, keepCheckpoint } from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { PartyContext } from '../context.ts';
import type { OutsourcedTable } from './describe.ts';
import { StoredColumns } from './stored-columns.ts';

type Row = Selectable<DatabaseSchema['sealed_table']>;

/** An encrypted table, as this organisation sees it. */
export interface SealedTableInfo {
  readonly id: number;
  /** Hash of the agreement, and the table's name there. */
  readonly agreement: string;
  readonly name: string;
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
  async current(agreement: string, name: string): Promise<KnownTable> {
    const all = (await this.list()).filter((one) => one.agreement === agreement && one.name === name);
    const found = all.findLast(({ state }) => state === 'uploaded');
    if (found !== undefined) return found;
    const last = all.at(-1);
    throw fault('not-found', `the table ${name} of this agreement is not at its server`, {
      culprit: name,
      hint:
        last === undefined
          ? 'Encrypt it: symbolon seal encrypt. Then upload it: symbolon seal upload.'
          : `Table ${last.id} is ${last.state}. Its next step: symbolon seal ${last.state === 'encrypted' ? `upload ${last.id}` : 'encrypt'}`,
    });
  }

  /** Its ciphertexts on this machine. */
  stored({ table, described }: KnownTable): StoredColumns {
    return new StoredColumns(this.#context.home.path, table, layoutOf(described, 1).columns.length);
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

/** How a table is encrypted, once its rows are counted. */
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
    manifest: manifest === null ? null : parseDocument(manifest),
    columns: described.columns.map((column) => column.name),
    leftOut: row.left_out,
    madeBy: row.made_by,
    madeAt: row.made_at,
  };
}
