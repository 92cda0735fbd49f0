import { SymbolonError } from '@symbolon/crypto';
import pg from 'pg';
import { type Cells, type ColumnType, type DataSource, Problems, type Reader } from './source.ts';

type PostgresSource = Extract<DataSource, { kind: 'postgres' }>;

const batch = 5000;
const statementTimeout = 600_000;
const connectTimeout = 10_000;

// pg_type.oid of the types that count as more than text.
const declared: Record<number, ColumnType> = {
  16: 'boolean',
  20: 'number',
  21: 'number',
  23: 'number',
  700: 'number',
  701: 'number',
  1082: 'date',
  1700: 'number',
};

/**
 * Opens a table or the result of a SELECT in PostgreSQL. Each read is a transaction of its own: read only, with a time limit,
 * through a cursor. The server's own types are believed.
 */
export async function openPostgres(source: PostgresSource): Promise<Reader> {
  const label = 'table' in source ? `PostgreSQL table ${source.table}` : 'PostgreSQL query';
  const sql = 'table' in source ? `SELECT * FROM ${quoted(source.table)}` : source.query.replace(/[\s;]+$/, '');
  const fields = await withCursor(source.url, label, sql, (fetch) => fetch(0).then((result) => result.fields));
  const columns = fields.map(({ name, dataTypeID }) => ({ name, declared: declared[dataTypeID] ?? ('text' as const) }));
  const booleans = columns.map((column) => column.declared === 'boolean');
  const read = (row: (cells: Cells, line: number) => boolean): Promise<void> =>
    withCursor(source.url, label, sql, async (fetch) => {
      for (let line = 0; ; ) {
        const { rows } = await fetch(batch);
        for (const values of rows) {
          const cells = values.map((value, i) => (value === '' ? null : booleans[i] ? truth(value) : value));
          if (!row(cells, ++line)) return;
        }
        if (rows.length < batch) return;
      }
    });
  return { label, unit: 'row', columns, problems: new Problems(label), notes: [], read };
}

type Fetch = (rows: number) => Promise<pg.QueryArrayResult<(string | null)[]>>;

async function withCursor<T>(url: string, label: string, sql: string, work: (fetch: Fetch) => Promise<T>): Promise<T> {
  let client: pg.Client | undefined;
  try {
    client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: connectTimeout,
      application_name: 'symbolon',
      // Values stay the text that the server sends.
      types: { getTypeParser: () => (text: string) => text },
    });
    // A connection that breaks between two queries also rejects the next query.
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(`SET LOCAL statement_timeout = ${statementTimeout}; SET LOCAL datestyle = 'ISO, YMD'`);
    // PostgreSQL declares a cursor for SELECT and VALUES only; the extended protocol takes one statement only.
    const declare = { text: `DECLARE records NO SCROLL CURSOR FOR ${sql}`, queryMode: 'extended' };
    await client.query(declare);
    const connected = client;
    return await work((rows) =>
      connected.query<(string | null)[]>({ text: `FETCH FORWARD ${rows} FROM records`, rowMode: 'array' }),
    );
  } catch (cause) {
    throw cause instanceof SymbolonError ? cause : translated(cause, label, url);
  } finally {
    // Ends the transaction as well.
    await client?.end().catch(() => undefined);
  }
}

// SQLSTATE classes whose messages speak of names and syntax, never of values.
const harmless = /^(08|0A|28|3D|42|25|57|53)/;

function translated(cause: unknown, label: string, url: string): SymbolonError {
  const { code, message } = cause as { code?: string; message?: string };
  const reason =
    code === undefined
      ? (message ?? 'connection failed')
      : /^[0-9A-Z]{5}$/.test(code)
        ? harmless.test(code)
          ? (message ?? code)
          : `the server reports SQLSTATE ${code}`
        : `${hostOf(url)} cannot be reached (${code})`;
  return new SymbolonError('config-invalid', `${label} cannot be read: ${reason}`, {
    culprit: label,
    hint: 'Check the address, the user and its right to SELECT, and the table or query.',
  });
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host || 'the local server' : 'the server';
}

function quoted(table: string): string {
  return table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

function truth(value: string | null): string | null {
  return value === null ? null : value === 't' ? 'true' : 'false';
}
