import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { DatabaseSchema } from './schema.ts';

/** Rows of one INSERT; a page of matches is long. */
const rowsAtOnce = 50;

export type TableName = keyof DatabaseSchema;

/** The tables of an embedded database, each after those that it refers to. */
export async function tablesInOrder(source: Database): Promise<TableName[]> {
  const tables = (await source.introspection.getTables()).map(({ name }) => name).sort();
  const ordered: string[] = [];
  const add = async (table: string): Promise<void> => {
    if (ordered.includes(table)) return;
    const { rows } = await sql<{ table: string }>`SELECT "table" FROM pragma_foreign_key_list(${table})`.execute(
      source,
    );
    for (const other of rows) if (other.table !== table) await add(other.table);
    ordered.push(table);
  };
  for (const table of tables) await add(table);
  return ordered as TableName[];
}

/** Copies all rows of a table from the embedded database, in their order. */
export async function copyRows(source: Database, target: Transaction<DatabaseSchema>, table: TableName): Promise<void> {
  const columns = await orderOf(source, table);
  const order = sql.join(columns.map((column) => sql.ref(column)));
  const names = columns.map((column, i) => sql`${sql.ref(column)} AS ${sql.ref(`copied_${i}`)}`);
  let page = sql``;
  for (;;) {
    const { rows } = await sql<Record<string, unknown>>`
      SELECT ${sql.join(names)}, * FROM ${sql.table(table)} ${page} ORDER BY ${order} LIMIT ${rowsAtOnce}`.execute(
      source,
    );
    if (rows.length === 0) return;
    const last = columns.map((_, i) => rows.at(-1)![`copied_${i}`]);
    page = sql`WHERE (${order}) > (${sql.join(last)})`;
    const values = rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !/^copied_\d$/.test(name))),
    );
    await target
      .insertInto(table)
      .values(values as never)
      .execute();
  }
}

/** What numbers the rows of a table: SQLite's own number or, where there is none (sqlite.org/withoutrowid.html), the primary key. */
async function orderOf(source: Database, table: TableName): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM pragma_table_info(${table})
    WHERE pk > 0 AND (SELECT wr FROM pragma_table_list WHERE pragma_table_list.name = ${table})
    ORDER BY pk`.execute(source);
  return rows.length === 0 ? ['rowid'] : rows.map(({ name }) => name);
}

/** Numbers that the embedded database has given to rows, and to rows that are gone, are not given again. */
export async function copyNumbers(source: Database, target: Transaction<DatabaseSchema>): Promise<void> {
  const { rows } = await sql<{ name: string; last: number }>`SELECT name, seq AS last FROM sqlite_sequence`.execute(
    source,
  );
  for (const { name, last } of rows) {
    if (last > 0) await sql`SELECT setval(pg_get_serial_sequence(${name}, 'id'), ${last})`.execute(target);
  }
}
