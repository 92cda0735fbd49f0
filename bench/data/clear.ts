import { VARCHAR } from '@duckdb/node-api';
import { macros, normalise, normaliseSteps } from '@symbolon/linkage';
import { agreedName } from '@symbolon/party';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import type { Linkage } from './linkages.ts';

/** One side's part of a blocking key: expressions over a table, all of which must be equal. */
export type BlockingKey = (table: string) => readonly string[];

/** A blocking key as an agreement states it. */
export function keySql(key: BlockingKey): string {
  const [a, b] = [key('a'), key('b')];
  return a.map((part, i) => `${part} = ${b[i]}`).join(' AND ');
}

/** Pairs found, against those that are true. */
export interface Quality {
  readonly pairs: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface KeyReport {
  readonly key: string;
  /** Records of the largest block of either side. */
  readonly largest: number;
  /** Of the records that have the key on either side, the share that the cap cuts. */
  readonly cut: number;
}

/**
 * Two tables in the clear, in DuckDB: texts normalised by all steps as rules see them, columns named in small letters with underscores.
 * Bench only: a run never sees both.
 */
export class ClearTables {
  readonly #duck: DuckDb;
  #true = 0;

  private constructor(duck: DuckDb) {
    this.#duck = duck;
  }

  static async open(files: readonly [a: string, b: string], person: Linkage['person']): Promise<ClearTables> {
    const duck = await openDuckDb();
    for (const macro of macros) await duck.query(macro);
    for (const [side, file] of [
      ['a', files[0]],
      ['b', files[1]],
    ] as const)
      await load(duck, side, file, person);
    const tables = new ClearTables(duck);
    tables.#true = await tables.#number('SELECT count(*) FROM a JOIN b USING ("true person")');
    return tables;
  }

  /** The rule over all pairs. */
  async allPairs(rule: string): Promise<Quality> {
    return this.#quality(
      `SELECT a."true person" IS NOT DISTINCT FROM b."true person" AS same FROM a JOIN b ON ${rule}`,
    );
  }

  /** Numbers the records of each block at random and keeps those below the cap, as a run does; `candidates` are then the pairs that meet. */
  async block(keys: readonly BlockingKey[], cap: number): Promise<{ keys: KeyReport[]; candidates: number }> {
    const reports: KeyReport[] = [];
    for (const [i, key] of keys.entries()) {
      for (const side of ['a', 'b']) {
        const parts = key(side);
        const present = parts.map((part) => `${part} IS NOT NULL`).join(' AND ');
        await this.#duck.query(
          `CREATE OR REPLACE TEMP TABLE ${side}${i} AS SELECT row, hash(${parts.join(', ')}) AS block,
             row_number() OVER (PARTITION BY ${parts.join(', ')} ORDER BY hash(row + ${i})) AS rank FROM ${side} WHERE ${present}`,
        );
      }
      const both = `(SELECT rank FROM a${i} UNION ALL SELECT rank FROM b${i})`;
      const largest = await this.#number(`SELECT max(rank) FROM ${both}`);
      const cut = await this.#number(`SELECT avg((rank > ${cap})::INTEGER) FROM ${both}`);
      reports.push({ key: keySql(key), largest, cut });
    }
    const meet = keys.map(
      (_, i) =>
        `SELECT x.row AS a, y.row AS b FROM a${i} x JOIN b${i} y USING (block) WHERE x.rank <= ${cap} AND y.rank <= ${cap}`,
    );
    await this.#duck.query(`CREATE OR REPLACE TEMP TABLE candidates AS ${meet.join(' UNION ')}`);
    return { keys: reports, candidates: await this.#number('SELECT count(*) FROM candidates') };
  }

  /** The rule over the candidates of `block`. */
  async candidates(rule: string): Promise<Quality> {
    return this.#quality(
      `SELECT a."true person" IS NOT DISTINCT FROM b."true person" AS same
       FROM candidates c JOIN a ON a.row = c.a JOIN b ON b.row = c.b WHERE ${rule}`,
    );
  }

  /** Values of some expressions, row by row, of the rows for which a condition holds. */
  async rows(side: 'a' | 'b', expressions: readonly string[], condition: string) {
    return (await this.#duck.columns(`SELECT ${expressions.join(', ')} FROM ${side} WHERE ${condition} ORDER BY row`))
      .values;
  }

  /** Of these pairs of rows, how many are candidates. */
  async among(a: readonly number[], b: readonly number[]): Promise<number> {
    await this.#duck.query('CREATE OR REPLACE TEMP TABLE wanted (a VARCHAR, b VARCHAR)');
    await this.#duck.append('wanted', [VARCHAR, VARCHAR], [a.map(String), b.map(String)]);
    return this.#number(
      'SELECT count(*) FROM (SELECT a::BIGINT AS a, b::BIGINT AS b FROM wanted) JOIN candidates USING (a, b)',
    );
  }

  rowsOf(side: 'a' | 'b'): Promise<number> {
    return this.#number(`SELECT count(*) FROM ${side}`);
  }

  close(): void {
    this.#duck.close();
  }

  async #number(sql: string): Promise<number> {
    const [row] = await this.#duck.query(sql);
    return Number(Object.values(row!)[0]);
  }

  async #quality(pairsSql: string): Promise<Quality> {
    const [row] = await this.#duck.query(`SELECT count(*) AS pairs, count(*) FILTER (same) AS hits FROM (${pairsSql})`);
    const [pairs, hits] = [Number(row!.pairs), Number(row!.hits)];
    return { pairs, precision: hits / pairs, recall: hits / this.#true, f1: (2 * hits) / (pairs + this.#true) };
  }
}

async function load(duck: DuckDb, side: 'a' | 'b', file: string, person: Linkage['person']): Promise<void> {
  await duck.query(`CREATE TEMP TABLE raw AS SELECT * FROM read_csv($1, header = true, all_varchar = true)`, [file]);
  const { names: header, values, rows } = await duck.columns(`SELECT *, ${person('raw')} AS "true person" FROM raw`);
  const names = header.map((name) => (name === 'true person' ? name : agreedName(name)));
  const texts = values.map((column, i) =>
    names[i] === 'true person'
      ? column
      : column.map((value) => (value === null ? null : normalise(normaliseSteps, String(value)) || null)),
  );
  await duck.query('DROP TABLE raw');
  await duck.query(`CREATE TEMP TABLE texts (row VARCHAR, ${names.map((name) => `"${name}" VARCHAR`).join(', ')})`);
  const numbers = Array.from({ length: rows }, (_, row) => String(row));
  await duck.append('texts', [VARCHAR, ...names.map(() => VARCHAR)], [numbers, ...texts]);
  await duck.query(`CREATE TABLE ${side} AS SELECT row::BIGINT AS row, * EXCLUDE (row) FROM texts`);
  await duck.query('DROP TABLE texts');
}
