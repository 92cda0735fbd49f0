import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  bindMethod,
  bindStudy,
  decodeBound,
  largestRelativeDifference,
  planBound,
  runMethodClear,
  runStudyClear,
  type Schema,
} from '../../src/index.ts';
import { type OwnTable, planStudy } from '../../src/secure/index.ts';
import { draws, randomData } from '../sql/data.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { wide } from '../sql/studies.ts';
import { methodOf } from '../study/method.ts';
import { type Owned, openedBy, ownTables, rehearse, sizesOf } from './rehearse.ts';
import { expectCells } from './same.ts';

const numRuns = process.env.SLOW ? 300 : 20;

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const { visits, insured, census } = wide.tables;
const schema: Schema = {
  ...wide,
  tables: { visits: { ...visits!, parties: ['north'], onePerPatient: true }, insured: insured!, census: census! },
  joins: [
    { hub: 'visits', spoke: 'insured', linked: true },
    { hub: 'visits', spoke: 'census', on: [['pid', 'person']] },
  ],
};
const from = 'FROM visits v JOIN insured i ON agreed(v, i)';

/** Any rows belong together, whatever their keys. */
function linkedBy(owned: Owned, seed: number): { owned: Owned; condition: string } {
  const draw = draws(seed);
  const [hub, spoke] = [owned.get('north')!.get('v')!, owned.get('insurer')!.get('i')!];
  const free = [...spoke.patients.keys()];
  const pairs = [...hub.patients.keys()].flatMap((row) =>
    draw(3) === 0 || free.length === 0 ? [] : [[row, free.splice(draw(free.length), 1)[0]!] as const],
  );
  const placed = (table: OwnTable, side: 0 | 1): OwnTable => {
    const bins = new Map(pairs.map((pair, bin) => [pair[side], bin] as const));
    return { ...table, bins: { north: [...table.patients.keys()].map((row) => bins.get(row)) } };
  };
  const texts = pairs.map(([x, y]) => `('${hub.patients[x]}', '${spoke.patients[y]}')`);
  return {
    owned: new Map([
      ...owned,
      ['north', new Map([['v', placed(hub, 0)]])],
      ['insurer', new Map([['i', placed(spoke, 1)]])],
    ]),
    condition: texts.length === 0 ? 'FALSE' : `(v.pid, i.pid) IN (${texts.join(', ')})`,
  };
}

test('rows that both sides know to belong together: the plans give what DuckDB gives', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(
      `SELECT i.region, COUNT(*), SUM(v.minutes), AVG(i.paid * v.secret) ${from} GROUP BY i.region`,
      `SELECT v.kind, i.sex, COUNT(DISTINCT v.pid), corr(v.minutes, i.level) ${from} WHERE v.urgent OR i.app GROUP BY 1, 2`,
      `SELECT v.ward, COUNT(*), SUM(i.paid) ${from} WHERE i.born < v.seen GROUP BY v.ward`,
      `SELECT median(v.cost), COUNT(i.joined) ${from}`,
    ),
    fc.nat(100_000),
    fc.constantFrom(0, 1, 12, 40),
    fc.constantFrom(1, 2),
    async (sql, seed, rows, minPatients) => {
      const terms = { ...schema, minPatients };
      const bound = await bindStudy(sql, terms, duck);
      const tables = await duck.load(terms, randomData(terms, seed, rows));
      const { owned, condition } = linkedBy(await ownTables(bound, tables, duck), seed);
      const run = planStudy(bound, sizesOf(bound, owned), { to: ['office'] });
      expect(run.units.map(({ program }) => program.meets)).toEqual([[]]);
      const clear = await runStudyClear(bound, tables, duck, { i: condition });
      expectCells(rehearse(run, owned).released.cells, clear.cells, sql);
    },
  );
  await fc.assert(property, { numRuns });
});

test('a method over the rows of a known linkage gives what it gives in the clear', async () => {
  const method = methodOf('logistic-regression');
  const sql = `SELECT v.urgent AS y, i.level AS level, v.minutes AS minutes ${from}`;
  const tables = await duck.load(schema, randomData(schema, 5, 40));
  const bound = await bindMethod({ sql, method }, schema, duck);
  const { owned, condition } = linkedBy(await ownTables(bound, tables, duck), 5);
  const run = planBound(bound, sizesOf(bound.rows, owned), { to: ['office'] });
  const { method: result } = decodeBound(bound, run, openedBy(run, owned));
  const clear = await runMethodClear(bound, tables, duck, { i: condition });
  expect(clear.estimates.length).toBeGreaterThan(2);
  expect(largestRelativeDifference(result!, clear)).toBeLessThan(1e-4);
});

const size = { rows: 40, patients: 30 };
const sizes = { v: { north: size }, i: { insurer: size }, c: { office: size } };

test('a known linkage is of two tables, and of one row a patient', async () => {
  const three = await bindStudy(`SELECT COUNT(*) ${from} JOIN census c ON v.pid = c.person`, schema, duck);
  expect(() => planStudy(three, sizes, { to: ['office'] })).toThrow(
    expect.objectContaining({ code: 'study-unsupported', message: expect.stringMatching(/with one table alone/) }),
  );
  const { onePerPatient: _, ...several } = schema.tables.visits!;
  const many = await bindStudy(
    `SELECT COUNT(*) ${from}`,
    { ...schema, tables: { ...schema.tables, visits: several } },
    duck,
  );
  expect(() => planStudy(many, sizes, { to: ['office'] })).toThrow(
    expect.objectContaining({ code: 'study-unsupported', message: expect.stringMatching(/one row a patient/) }),
  );
});
