import { canonicalBytes, parseCanonical, SymbolonError } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  afterSql,
  bindStudy,
  type Cell,
  complete,
  runStudyClear,
  type Schema,
  studyHash,
  writtenSql,
} from '../../src/index.ts';
import { randomData } from './data.ts';
import { MemoryDuck } from './duckdb.ts';
import { evaluate } from './evaluate.ts';
import { study, wide } from './studies.ts';

const numRuns = process.env.SLOW ? 1000 : 60;
const timeout = process.env.SLOW ? 3_600_000 : 300_000;

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

test(
  'random studies: locals recombined by the bound tree give what DuckDB gives, and what it gives for the study as written',
  async () => {
    const property = fc.asyncProperty(
      study,
      fc.nat(100_000),
      fc.constantFrom(0, 1, 12, 40),
      fc.constantFrom(1, 2),
      async (sql, seed, rows, k) => {
        const schema: Schema = { ...wide, minPatients: k, allowEmptyParty: true };
        const bound = await bindStudy(sql, schema, duck).catch((error: unknown) => {
          // Random studies may leave their ranges, or have too many cells.
          if (error instanceof SymbolonError && (error.code === 'plan-range' || /are the most/.test(error.message)))
            return undefined;
          throw error;
        });
        fc.pre(bound !== undefined);
        expect(parseCanonical(canonicalBytes(bound))).toEqual(bound);
        expect(studyHash(await bindStudy(sql, schema, duck))).toEqual(studyHash(bound));
        const tables = await duck.load(schema, randomData(schema, seed, rows));
        const clear = await runStudyClear(bound, tables, duck);
        const cells = complete(bound, await evaluate(bound, tables, duck));
        expectCells(cells, clear.cells, sql);
        // Nothing withheld, and what SELECT makes of it, against the study as it was written.
        const all = await evaluate({ ...bound, release: { ...bound.release, minPatients: 0 } }, tables, duck);
        const own = await duck.rows(afterSql(bound, all));
        expectRows(texts(own), texts(await duck.rows(writtenSql(bound, tables))), sql);
      },
    );
    await fc.assert(property, { numRuns });
  },
  timeout,
);

test(
  'random quantiles, with enough patients on either side',
  async () => {
    const number = fc.constantFrom('v.minutes', 'v.cost', 'v.secret - i.level', 'v.cost * i.level', 'i.paid');
    const fraction = fc.constantFrom('0.5', '0.25', '0.1', '0.975');
    const property = fc.asyncProperty(
      number,
      fraction,
      fc.nat(100_000),
      fc.constantFrom(1, 3),
      async (x, f, seed, k) => {
        const sql = `SELECT v.kind, quantile_cont(${x}, ${f}), median(${x}) FILTER (WHERE i.app) FROM visits v JOIN insured i USING (pid) GROUP BY v.kind`;
        const bound = await bindStudy(sql, { ...wide, minPatients: k }, duck);
        const tables = await duck.load(wide, randomData(wide, seed, 40));
        const clear = await runStudyClear(bound, tables, duck);
        expectCells(complete(bound, await evaluate(bound, tables, duck)), clear.cells, sql);
      },
    );
    await fc.assert(property, { numRuns: process.env.SLOW ? 300 : 20 });
  },
  timeout,
);

function texts(rows: readonly (readonly unknown[])[]): (string | null)[][] {
  return rows.map((row) => row.map((value) => (value === null || Number.isNaN(value) ? null : String(value))));
}

function expectCells(cells: readonly Cell[], wanted: readonly Cell[], sql: string): void {
  const order = (all: readonly Cell[]) =>
    all.toSorted((x, y) => (JSON.stringify(x.keys) < JSON.stringify(y.keys) ? -1 : 1));
  const [own, other] = [order(cells), order(wanted)];
  expect(
    own.map(({ keys, suppressed }) => ({ keys, suppressed })),
    sql,
  ).toEqual(other.map(({ keys, suppressed }) => ({ keys, suppressed })));
  for (const [i, { values }] of own.entries())
    for (const [j, value] of values.entries()) expectSame(value, other[i]!.values[j]!, sql);
}

function expectRows(
  rows: readonly (readonly (string | null)[])[],
  wanted: readonly (readonly (string | null)[])[],
  sql: string,
): void {
  const order = (all: readonly (readonly (string | null)[])[]) =>
    all.toSorted((x, y) => (String(x) < String(y) ? -1 : 1));
  expect(rows.length, sql).toBe(wanted.length);
  const [own, other] = [order(rows), order(wanted)];
  for (const [i, row] of own.entries()) for (const [j, value] of row.entries()) expectSame(value, other[i]![j]!, sql);
}

/** Equal, or equal numbers up to rounding: DuckDB updates variances value by value. */
function expectSame(value: string | null, wanted: string | null, sql: string): void {
  if (value === wanted) return;
  expect(value === null || wanted === null || Number.isNaN(Number(value)), `${sql}: ${value} is not ${wanted}`).toBe(
    false,
  );
  expect(Math.abs(Number(value) - Number(wanted)), `${sql}: ${value} is not ${wanted}`).toBeLessThanOrEqual(
    1e-7 * Math.max(1, Math.abs(Number(wanted))),
  );
}
