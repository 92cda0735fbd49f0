import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { columnSqlType, quoteText, type SqlParser } from '@symbolon/sql';
import type { ClearTables, Duck, Schema } from '../../src/index.ts';

export type Row = Readonly<Record<string, string | boolean | null>>;

/** Rows of each table at each party. Numbers and dates are texts. */
export type Data = Readonly<Record<string, Readonly<Record<string, readonly Row[]>>>>;

/** DuckDB in memory: parses studies, computes locals, is the oracle. */
export class MemoryDuck implements SqlParser, Duck {
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async open(): Promise<MemoryDuck> {
    return new MemoryDuck(await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect());
  }

  async serialize(selectSql: string): Promise<unknown> {
    const [[json]] = (await this.rows(`SELECT json_serialize_sql(${literal(selectSql)})`)) as [[string]];
    return JSON.parse(json);
  }

  async rows(sql: string): Promise<unknown[][]> {
    return (await this.#connection.runAndReadAll(sql)).getRows();
  }

  /** Creates each party's part of each table as `name_party`. */
  async load(schema: Schema, data: Data): Promise<ClearTables> {
    const relations: Record<string, Record<string, string>> = {};
    for (const [name, { columns, parties }] of Object.entries(schema.tables)) {
      relations[name] = {};
      for (const party of parties) {
        const relation = `"${name}@${party}"`;
        const types = Object.entries(columns).map(([column, described]) => `"${column}" ${columnSqlType(described)}`);
        await this.#connection.run(`CREATE OR REPLACE TABLE ${relation} (${types.join(', ')})`);
        const rows = data[name]?.[party] ?? [];
        const values = rows.map(
          (row) =>
            `(${Object.keys(columns)
              .map((column) => literal(row[column] ?? null))
              .join(', ')})`,
        );
        if (values.length > 0) await this.#connection.run(`INSERT INTO ${relation} VALUES ${values.join(', ')}`);
        relations[name][party] = relation;
      }
    }
    return relations;
  }
}

function literal(value: string | boolean | null): string {
  return typeof value === 'string' ? quoteText(value) : String(value);
}
