import {
  type ColumnDefinitionNode,
  type CompiledQuery,
  type DatabaseConnection,
  DataTypeNode,
  type Driver,
  PostgresDialect,
  PostgresQueryCompiler,
  type QueryResult,
  RawNode,
} from 'kysely';
import type pg from 'pg';
import type { Writer, Writing } from './writer.ts';

/** Kysely's driver: what only reads goes to a pool, everything else to the one who writes. */
class StoreDriver implements Driver {
  readonly #writer: Writer;
  readonly #reader: Reader;

  constructor(writer: Writer, reader: Reader) {
    this.#writer = writer;
    this.#reader = reader;
  }

  async init(): Promise<void> {
    // The writer is connected already.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new StoreConnection(this.#writer, this.#reader);
  }

  beginTransaction(connection: StoreConnection): Promise<void> {
    return connection.begin();
  }

  commitTransaction(connection: StoreConnection): Promise<void> {
    return connection.commit();
  }

  rollbackTransaction(connection: StoreConnection): Promise<void> {
    return connection.rollback();
  }

  releaseConnection(connection: StoreConnection): Promise<void> {
    return connection.rollback();
  }

  async destroy(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#reader.close()]);
  }
}

/** Runs what only reads. */
export interface Reader {
  query(sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

class StoreConnection implements DatabaseConnection {
  readonly #writer: Writer;
  readonly #reader: Reader;
  #writing: Writing | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(writer: Writer, reader: Reader) {
    this.#writer = writer;
    this.#reader = reader;
  }

  async begin(): Promise<void> {
    this.#writing = await this.#writer.begin();
  }

  async commit(): Promise<void> {
    await this.#last;
    await this.#writing?.commit();
    this.#writing = undefined;
  }

  async rollback(): Promise<void> {
    await this.#last;
    await this.#writing?.rollback();
    this.#writing = undefined;
  }

  async executeQuery<Row>({ query, sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const writing = this.#writing;
    if (writing !== undefined) {
      // A connection takes one statement at a time.
      const result = this.#last.then(() => writing.query(sql, parameters));
      this.#last = result.catch(() => undefined);
      return answer(await result);
    }
    if (query.kind === 'SelectQueryNode') return answer(await this.#reader.query(sql, parameters));
    return answer(await this.#write(sql, parameters));
  }

  async #write(sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    const writing = await this.#writer.begin();
    try {
      const result = await writing.query(sql, parameters);
      await writing.commit();
      return result;
    } finally {
      await writing.rollback();
    }
  }

  // biome-ignore lint/correctness/useYield: nothing here reads row by row.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('rows are not streamed');
  }
}

const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

function answer<Row>({ command, rowCount, rows }: pg.QueryResult): QueryResult<Row> {
  return { rows, ...(changing.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) };
}

/** Text is compared byte by byte, as in SQLite, whatever the database's own collation is. */
class BytewiseText extends PostgresQueryCompiler {
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    const text = DataTypeNode.is(node.dataType) && node.dataType.dataType === 'text';
    super.visitColumnDefinition(text ? { ...node, dataType: RawNode.createWithSql('text collate "C"') } : node);
  }
}

/** PostgreSQL with the columns of our schema. */
export class SchemaDialect extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new BytewiseText();
  }
}

/** {@link SchemaDialect} for stores. */
export class StoreDialect extends SchemaDialect {
  readonly #driver: Driver;

  constructor(writer: Writer, reader: Reader) {
    super({ pool: async () => Promise.reject(new Error('the store has a driver of its own')) });
    this.#driver = new StoreDriver(writer, reader);
  }

  override createDriver(): Driver {
    return this.#driver;
  }
}
