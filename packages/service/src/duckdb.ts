import { cpus } from 'node:os';
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  type JS,
} from '@duckdb/node-api';

/** What {@link openDuckDb} accepts. */
export interface DuckDbOptions {
  /** Threads of this instance; all cores unless told. */
  threads?: number;
  /** Memory limit as DuckDB writes it, such as '512MB'. */
  memory?: string;
  /** Longest time that {@link DuckDb.columns} may take; no limit if absent. */
  seconds?: number;
}

/** A result by columns, in DuckDB's own values (DECIMAL, DATE … stay exact). */
export interface DuckDbColumns {
  names: string[];
  types: DuckDBType[];
  /** One array a column. */
  values: DuckDBValue[][];
  rows: number;
}

/** A part of a streamed result, by columns. */
export type DuckDbPart = DuckDBValue[][];

// Rows in one of DuckDB's vectors.
const vectorSize = 2048;

/** Opens an empty database in memory. Nothing is written to disk: a query that needs more than its memory fails. */
export async function openDuckDb(options: DuckDbOptions = {}): Promise<DuckDb> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads ?? cpus().length),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: '',
    ...(options.memory === undefined ? {} : { memory_limit: options.memory }),
  });
  return new DuckDb(instance, await instance.connect(), options.seconds);
}

/**
 * DuckDB in memory. Errors come through as DuckDB words them; they may quote values of records, so the caller replaces
 * the message before it is shown or logged.
 */
export class DuckDb {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #milliseconds: number | undefined;
  #locked = false;

  /** Use {@link openDuckDb}. */
  constructor(instance: DuckDBInstance, connection: DuckDBConnection, seconds?: number) {
    this.#milliseconds = seconds === undefined ? undefined : 1000 * seconds;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** Rows as objects of plain JavaScript values. For small results. */
  async query(sql: string, params: readonly DuckDBValue[] = []): Promise<Record<string, JS>[]> {
    return (await this.#connection.runAndReadAll(sql, [...params])).getRowObjectsJS();
  }

  /** The whole result by columns. A query that takes too long is interrupted; it then throws `INTERRUPT Error`. */
  async columns(sql: string, params: readonly DuckDBValue[] = []): Promise<DuckDbColumns> {
    const timer = this.#milliseconds && setTimeout(() => this.#connection.interrupt(), this.#milliseconds);
    try {
      const result = await this.#connection.run(sql, [...params]);
      const found = await result.getColumns();
      // Of a result without rows DuckDB has no columns either.
      const names = result.columnNames();
      const values = names.map((_, i) => found[i] ?? []);
      return { names, types: result.columnTypes(), values, rows: values[0]?.length ?? 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  /** The result in parts of a few thousand rows, so that memory stays bounded. */
  async *stream(sql: string, params: readonly DuckDBValue[] = []): AsyncGenerator<DuckDbPart> {
    const result = await this.#connection.stream(sql, [...params]);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getColumns();
    }
  }

  /**
   * Fills a table by columns, without SQL text.
   *
   * @param table bare name, without quotes
   * @param columns one array for each column of the table, all of one length, in DuckDB's values for `types`
   */
  async append(
    table: string,
    types: readonly DuckDBType[],
    columns: readonly (readonly DuckDBValue[])[],
  ): Promise<void> {
    const rows = columns[0]?.length ?? 0;
    const appender = await this.#connection.createAppender(table);
    const chunk = DuckDBDataChunk.create(types, Math.min(rows, vectorSize));
    try {
      for (let at = 0; at < rows; at += vectorSize) {
        chunk.reset();
        chunk.rowCount = Math.min(vectorSize, rows - at);
        chunk.setColumns(columns.map((column) => column.slice(at, at + vectorSize)));
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
  }

  /**
   * DuckDB's parse tree of SELECT statements: the parsed JSON of `json_serialize_sql`. Nothing is run. A syntax error
   * does not throw; it comes back inside: `{ error: true, error_type, error_message, position }`.
   */
  async serialize(selectSql: string): Promise<unknown> {
    const [row] = await this.query('SELECT json_serialize_sql($1::VARCHAR) AS tree', [selectSql]);
    return JSON.parse(String(row!.tree)) as unknown;
  }

  /** Takes files, the network and extensions away from every later query, for good. Call it before foreign SQL runs. */
  async lockDown(): Promise<void> {
    if (this.#locked) return;
    await this.#connection.run('SET enable_external_access = false; SET lock_configuration = true');
    this.#locked = true;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}
