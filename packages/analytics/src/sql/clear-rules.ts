import { type CompiledRule, clearScoreSql, clearSql, prepareClear, type Side } from '@symbolon/linkage';
import { quoteName, quoteText, type SqlParser } from '@symbolon/sql';
import type { BoundTable, RuleJoined } from './bound.ts';
import { compileJoin } from './rules.ts';

/** Runs statements of DuckDB, and parses; every value it returns is a text, a whole number, a truth value or NULL. */
export interface Duck extends SqlParser {
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

/** A side of a join by a rule: its table, and the relation that has the rows. */
export interface ClearSide {
  readonly table: Pick<BoundTable, 'alias' | 'patient'>;
  readonly relation: string;
}

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly score: number;
}

/**
 * The pairs of a join by a match rule, by DuckDB over the rows in the clear, as a temporary table of both sides' patients, `hub` and `spoke`.
 * Blocks are not cut, and of several choices that are left to chance inside it takes the first by the rows' order: it is the oracle
 * where there are no such choices.
 */
export async function storeMatched(
  join: RuleJoined,
  sides: Readonly<Record<Side, ClearSide>>,
  duck: Duck,
): Promise<string> {
  const { rule, keys } = await compileJoin(join, duck);
  const rules = [rule, ...keys];
  const patients = {
    a: await storeSide(join, rules, 'a', sides.a, duck),
    b: await storeSide(join, rules, 'b', sides.b, duck),
  };
  const candidates = keys.map(
    (key, i) =>
      `SELECT a.row AS a, b.row AS b FROM ${prepared('a', i + 1)} AS a JOIN ${prepared('b', i + 1)} AS b ON ${clearSql(key)}`,
  );
  const score = join.prefer === 'best' ? clearScoreSql(rule) : '0';
  const found = await duck.rows(
    `SELECT k.a, k.b, CAST(${score} AS DOUBLE) FROM (${candidates.join(' UNION ')}) AS k JOIN ${prepared('a', 0)} AS a ON a.row = k.a JOIN ${prepared('b', 0)} AS b ON b.row = k.b WHERE ${clearSql(rule)}`,
  );
  for (const side of ['a', 'b'] as const)
    for (const i of rules.keys()) await duck.rows(`DROP TABLE ${prepared(side, i)}`);
  const pairs = found.map(([a, b, score]): Pair => ({ a: Number(a), b: Number(b), score: Number(score) }));
  const name = quoteName(`symbolon matched ${join.spoke}`);
  await duck.rows(`CREATE OR REPLACE TEMP TABLE ${name} (hub VARCHAR, spoke VARCHAR)`);
  await insert(
    name,
    oneToOne(pairs).map(({ a, b }) => [patients.a[a], patients.b[b]]),
    duck,
  );
  return name;
}

/** Each row of a picks the best b; each row of b keeps the best a that picked it. */
function oneToOne(pairs: readonly Pair[]): Pair[] {
  const sorted = pairs.toSorted((x, y) => y.score - x.score || x.b - y.b || x.a - y.a);
  const first = (of: readonly Pair[], by: 'a' | 'b'): Pair[] => {
    const seen = new Set<number>();
    return of.filter((pair) => !seen.has(pair[by]) && seen.add(pair[by]));
  };
  return first(first(sorted, 'a'), 'b');
}

/** Puts what the rules ask of a table into tables of its own, and returns the patient of each row. */
async function storeSide(
  join: RuleJoined,
  rules: readonly CompiledRule[],
  side: Side,
  { table, relation }: ClearSide,
  duck: Duck,
): Promise<unknown[]> {
  const selected = [`CAST(${side}.${quoteName(table.patient)} AS VARCHAR)`, ...join.locals[side]];
  const rows = await duck.rows(`SELECT ${selected.join(', ')} FROM ${relation} AS ${side}`);
  let place = 1;
  for (const [i, rule] of rules.entries()) {
    const columns = rule.locals[side].map(() => column(rows, place++));
    const made = prepareClear(rule, side, { rows: rows.length, columns });
    const names = ['row INTEGER', ...made.map(({ name, sqlType }) => `${name} ${sqlType}`)];
    await duck.rows(`CREATE OR REPLACE TEMP TABLE ${prepared(side, i)} (${names.join(', ')})`);
    await insert(
      prepared(side, i),
      rows.map((_, row) => [row, ...made.map(({ values }) => values[row])]),
      duck,
    );
  }
  return rows.map(([patient]) => patient);
}

function prepared(side: Side, rule: number): string {
  return quoteName(`symbolon rule ${side} ${rule}`);
}

function column(rows: readonly (readonly unknown[])[], place: number): unknown[] {
  return rows.map((row) => row[place]);
}

/** Rows of one statement. */
const together = 1000;

async function insert(relation: string, rows: readonly (readonly unknown[])[], duck: Duck): Promise<void> {
  for (let from = 0; from < rows.length; from += together) {
    const values = rows.slice(from, from + together).map((row) => `(${row.map(literal).join(', ')})`);
    await duck.rows(`INSERT INTO ${relation} VALUES ${values.join(', ')}`);
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'string' ? quoteText(value) : String(value);
}
