import { PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { Database } from './database.ts';

/** Bytes of entries. */
export type LogColumn = 'entry' | 'event' | 'salt';

/** The columns of one entry; null where one is erased. */
export type LogValues = readonly (Uint8Array | null)[];

/** A range of one epoch of a log. */
export interface LogRange {
  readonly epoch: number;
  readonly start: number;
  readonly end: number;
}

// ASCII.
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;

/** The length of what is null. */
const absent = -1;

/**
 * What `read` makes of the columns of entries start … end − 1, in order, up to the first that is missing. All bytes are views of one array:
 * the database gives the range as one value, which takes a fifth of the time of a row after the other. What SQLite
 * keeps as text counts by its bytes.
 * @param read its argument is used again for the next entry
 */
export async function logRows<T>(
  database: Database,
  { epoch, start, end }: LogRange,
  columns: readonly LogColumn[],
  read: (values: LogValues) => T,
): Promise<T[]> {
  const onPostgres = database.getExecutor().adapter instanceof PostgresAdapter;
  // Both databases give aggregates the rows of an ordered subquery in its order; `unpacked` sees to it that they did.
  const { packed } = await database
    .selectFrom((from) =>
      from
        .selectFrom('log_entry')
        .select(['index', ...columns])
        .where('epoch', '=', epoch)
        .where('index', '>=', start)
        .where('index', '<', end)
        .orderBy('index')
        .as('one'),
    )
    .select((onPostgres ? packedByPostgres : packedBySqlite)(columns).as('packed'))
    .executeTakeFirstOrThrow();
  return packed === null ? [] : unpacked(packed, start, columns.length, read);
}

type Packed = RawBuilder<Uint8Array | null>;

/** A text that is joined of blobs holds their very bytes (sqlite.org/lang_expr.html#castexpr). */
function packedBySqlite(columns: readonly LogColumn[]): Packed {
  return sql`CAST(group_concat(${joined([headOf(columns), ...valuesOf(columns)])}, '') AS blob)`;
}

function packedByPostgres(columns: readonly LogColumn[]): Packed {
  return sql`string_agg(${joined([sql`convert_to(${headOf(columns)}, 'UTF8')`, ...valuesOf(columns)])}, '')`;
}

/** The number of the entry and the length of each column, or '-', each before a comma. */
function headOf(columns: readonly LogColumn[]): RawBuilder<unknown> {
  const lengths = columns.map((name) => sql`coalesce(CAST(octet_length(${sql.ref(name)}) AS text), '-') || ','`);
  return joined([sql`CAST("index" AS text) || ','`, ...lengths]);
}

function valuesOf(columns: readonly LogColumn[]): RawBuilder<unknown>[] {
  return columns.map((name) => sql`coalesce(${sql.ref(name)}, '')`);
}

const joined = (parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql.join(parts, sql` || `);

function unpacked<T>(packed: Uint8Array, first: number, columns: number, read: (values: LogValues) => T): T[] {
  const rows: T[] = [];
  const head = new Array<number>(1 + columns).fill(0);
  const values = new Array<Uint8Array | null>(columns).fill(null);
  for (let at = 0; at < packed.length; ) {
    at = readHead(packed, at, head);
    if (head[0] !== first + rows.length) break;
    for (let column = 0; column < columns; column++) {
      const length = head[1 + column]!;
      values[column] = length === absent ? null : new Uint8Array(packed.buffer, packed.byteOffset + at, length);
      at += Math.max(length, 0);
    }
    rows.push(read(values));
  }
  return rows;
}

/** Reads the numbers before the bytes of a row, and gives where these begin. */
function readHead(packed: Uint8Array, start: number, head: number[]): number {
  let at = start;
  for (let i = 0; i < head.length; i++) {
    let number = 0;
    for (; packed[at] !== comma; at++) number = packed[at] === minus ? absent : 10 * number + packed[at]! - zero;
    head[i] = number;
    at++;
  }
  return at;
}
