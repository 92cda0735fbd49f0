import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { columnSqlType, quoteText, type SqlParser } from '@symbolon/sql';
import { type Columns, type CompiledRule, clearSql, type LocalTable, prepareClear, type Side } from '../src/index.ts';

export type Row = Readonly<Record<string, string | number | bigint | boolean | null>>;

/** An owner's database in memory: parses rules, computes locals, runs rules in the clear. */
export class Duck implements SqlParser {
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async open(): Promise<Duck> {
    return new Duck(await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect());
  }

  async serialize(selectSql: string): Promise<unknown> {
    const [[json]] = (await this.rows(`SELECT json_serialize_sql(${quoteText(selectSql)})`)) as [[string]];
    return JSON.parse(json);
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  async rows(sql: string): Promise<DuckDBValue[][]> {
    return (await this.#connection.runAndReadAll(sql)).getRows();
  }

  /** Puts records into the table of a side, as their owner does. Numbers are decimals as text. */
  async load(name: string, columns: Columns, records: readonly Row[]): Promise<void> {
    const types = Object.entries(columns).map(([column, type]) => `"${column}" ${columnSqlType(type)}`);
    await this.run(`CREATE OR REPLACE TABLE ${name} (row INTEGER, ${types.join(', ')})`);
    for (let from = 0; from < records.length; from += 1000) {
      const rows = records.slice(from, from + 1000).map((record, i) => {
        const values = Object.keys(columns).map((column) => literal(record[column] ?? null));
        return `(${[from + i, ...values].join(', ')})`;
      });
      await this.run(`INSERT INTO ${name} VALUES ${rows.join(', ')}`);
    }
  }

  /** The rule's locals of a side, from table `name`. */
  async locals(rule: CompiledRule, side: Side, name: string): Promise<LocalTable> {
    const selected = rule.locals[side].map((local) => `${local.sql} AS ${local.name}`);
    const rows = await this.rows(`SELECT ${['row', ...selected].join(', ')} FROM ${name} AS ${side} ORDER BY row`);
    return { rows: rows.length, columns: rule.locals[side].map((_, i) => rows.map((row) => row[i + 1])) };
  }

  /** Pairs for which the rule is true, as a × rows of b + b. */
  async clear(rule: CompiledRule, a: LocalTable, b: LocalTable): Promise<number[]> {
    for (const [side, table] of [
      ['a', a],
      ['b', b],
    ] as const) {
      const columns = prepareClear(rule, side, table);
      const names = columns.map((column) => `${column.name} ${column.sqlType}`);
      await this.run(`CREATE OR REPLACE TABLE clear_${side} (${['row INTEGER', ...names].join(', ')})`);
      for (let from = 0; from < table.rows; from += 1000) {
        const rows = Array.from({ length: Math.min(1000, table.rows - from) }, (_, i) =>
          [from + i, ...columns.map((column) => literal(column.values[from + i]))].join(', '),
        );
        await this.run(`INSERT INTO clear_${side} VALUES (${rows.join('), (')})`);
      }
    }
    return this.matches(clearSql(rule), 'clear_a', 'clear_b', b.rows);
  }

  async matches(condition: string, a: string, b: string, rowsB: number): Promise<number[]> {
    const rows = await this.rows(
      `SELECT a.row * ${rowsB} + b.row AS pair FROM ${a} AS a, ${b} AS b WHERE (${condition}) ORDER BY pair`,
    );
    return rows.map(([pair]) => Number(pair));
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'string' ? quoteText(value) : String(value);
}
