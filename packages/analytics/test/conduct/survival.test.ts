import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  bindMethod,
  decodeBound,
  largestRelativeDifference,
  planBound,
  runMethodClear,
  type SurvivalResult,
} from '../../src/index.ts';
import { mayShow } from '../../src/sql/release.ts';
import { releaseInClear, type SurvivalRelease, type SurvivalShape, survivalResult } from '../../src/survival/index.ts';
import { aligned, openedBy, ownTables, sizesOf } from '../secure/rehearse.ts';
import { MemoryDuck, type Row } from '../sql/duckdb.ts';
import { methodOf } from '../study/method.ts';
import { joinedRows, randomPatients, schemaOf } from './schema.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const shape: SurvivalShape = { from: 0, to: 20, groups: 3 };
const groups = ['a', 'b', 'c'];
const at = [3, 7, 10, 14, 20];

const selects = [
  { sql: 'SELECT time, died AS event, arm AS grp FROM patients', group: 'arm', counts: () => true },
  {
    sql: 'SELECT time, died AS event FROM patients WHERE age > 0',
    group: null,
    counts: ({ age }: Row) => Number(age) > 0,
  },
  {
    sql: 'SELECT p.time, p.died AS event, i.plan AS grp FROM patients p JOIN insured i USING (pid) WHERE i.app OR p.age > 2',
    group: 'plan',
    counts: ({ app, age }: Row) => app === true || (app !== undefined && Number(age) > 2),
  },
];

/** What the rules give in the clear, of the rows of each hospital that count. */
function wanted(
  parties: readonly (readonly { time: number; event: boolean; group: number }[])[],
  names: readonly string[],
  { k, allowEmptyParty }: { k: number; allowEmptyParty: boolean },
): SurvivalRelease {
  const countsOf = (rows: (typeof parties)[number]): number[] => {
    const counts = Array<number>(2 * names.length * 21).fill(0);
    for (const { time, event, group } of rows) counts[((event ? 0 : names.length) + group) * 21 + time]!++;
    return counts;
  };
  const rule = { minimum: k, emptyParty: allowEmptyParty, at };
  const of = { ...shape, groups: names.length };
  const released = releaseInClear(countsOf(parties.flat()), of, rule, names, parties.map(countsOf));
  if (parties.length === 1) return released;
  const behind = (group?: number): number[] =>
    parties.map((rows) => rows.filter((row) => group === undefined || row.group === group).length);
  const shows = (of: number[]): boolean => mayShow(of, { minPatients: k, allowEmptyParty });
  const withheld = { whole: null, points: [], median: 'withheld', low: 'withheld', high: 'withheld' } as const;
  const all = released.groups.map((group, g) =>
    shows(behind()) && shows(behind(g)) ? group : { group: group.group, ...withheld },
  );
  return { groups: all, logRank: all.every(({ whole }) => whole !== null) ? released.logRank : null };
}

test(
  'survival of rows that are split, joined, or both: what the rules give in the clear',
  async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...selects),
      fc.constantFrom(['north'], ['north', 'south'], ['north', 'south', 'west']),
      fc.constantFrom(0, 20, 60),
      fc.nat(100_000),
      fc.constantFrom(1, 2, 3),
      fc.boolean(),
      async ({ sql, group, counts }, parties, rows, seed, k, allowEmptyParty) => {
        const schema = schemaOf(parties, k, allowEmptyParty);
        const bound = await bindMethod({ sql, method: methodOf('survival', { at }) }, schema, duck);
        const data = randomPatients(parties, rows, seed);
        const own = await ownTables(bound, await duck.load(schema, data), duck);
        const owned = bound.rows.joins.length === 0 ? own : aligned(bound.rows, own);
        const run = planBound(bound, sizesOf(bound.rows, owned), { to: ['office'], aligned: true });
        expect(run.units.length).toBe(bound.rows.joins.length > 0 && parties.length > 1 ? parties.length + 1 : 1);
        const secure = decodeBound(bound, run, openedBy(run, owned)).method as SurvivalResult;

        const names = group === null ? ['all'] : groups;
        const follow = joinedRows(data, parties).map((all) =>
          all
            .filter(
              (row) =>
                counts(row) && [row.time, row.died, group === null ? '' : row[group]].every((value) => value != null),
            )
            .map((row) => ({
              time: Number(row.time),
              event: row.died === true,
              group: group === null ? 0 : groups.indexOf(row[group] as string),
            })),
        );
        const clear = survivalResult(wanted(follow, names, { k, allowEmptyParty }), { minimum: k, at });
        expect(secure.notes).toEqual(clear.notes);
        expect(secure.riskTable).toEqual(clear.riskTable);
        expect(secure.estimates).toEqual(clear.estimates);
        expect(secure.tests.map(({ df }) => df)).toEqual(clear.tests.map(({ df }) => df));
        for (const [i, { statistic }] of secure.tests.entries())
          expect(Math.abs(statistic!.value - clear.tests[i]!.statistic!.value)).toBeLessThan(1e-4);
        for (const [g, { points, n }] of secure.curves.entries()) {
          expect(n).toBe(clear.curves[g]!.n);
          for (const [i, { survival, time }] of points.entries()) {
            expect(time).toBe(clear.curves[g]!.points[i]!.time);
            expect(Math.abs(survival - clear.curves[g]!.points[i]!.survival)).toBeLessThan(1e-5);
          }
        }
      },
    );
    await fc.assert(property, { numRuns: process.env.SLOW ? 1000 : 50 });
  },
  process.env.SLOW ? 3_600_000 : 300_000,
);

test('times with digits behind the point; one group', async () => {
  const parties = ['north', 'south'];
  const schema = schemaOf(parties, 1, true);
  const sql = 'SELECT weeks AS time, died AS event FROM patients';
  const bound = await bindMethod({ sql, method: methodOf('survival', { at: [0.3, 1, 1.7] }) }, schema, duck);
  const tables = await duck.load(schema, randomPatients(parties, 80, 5));
  const owned = await ownTables(bound, tables, duck);
  const run = planBound(bound, sizesOf(bound.rows, owned), { to: ['south'] });
  const secure = decodeBound(bound, run, openedBy(run, owned)).method as SurvivalResult;
  const clear = (await runMethodClear(bound, tables, duck)) as SurvivalResult;
  expect(largestRelativeDifference(secure, clear)).toBeLessThan(1e-9);
  expect(secure.riskTable.times).toEqual([0.3, 1, 1.7]);
  expect(secure.estimates[0]!.value).toBeGreaterThan(0);
});

test('what is withheld opens as zeros: the groups of which a hospital has fewer than k', async () => {
  const parties = ['north', 'south'];
  const schema = schemaOf(parties, 3, false);
  const sql = 'SELECT time, died AS event, arm AS grp FROM patients';
  const bound = await bindMethod({ sql, method: methodOf('survival', { at }) }, schema, duck);
  const patient = (arm: string, i: number): Row => ({
    pid: `${arm}${i}`,
    time: String(5 + (i % 9)),
    died: i % 2 === 0,
    arm,
  });
  const many = (arm: string, count: number) => Array.from({ length: count }, (_, i) => patient(arm, i));
  const data = {
    patients: { north: [...many('a', 20), ...many('b', 20)], south: [...many('a', 20), ...many('b', 2)] },
    insured: { insurer: [] },
  };
  const owned = await ownTables(bound, await duck.load(schema, data), duck);
  const run = planBound(bound, sizesOf(bound.rows, owned), { to: ['office'] });
  const opened = openedBy(run, owned);
  expect([...opened.keys()]).toEqual(['survival']);
  const words = new BigInt64Array(opened.get('survival')!.slice().buffer);
  const each = 5 * (at.length + 1);
  expect(words.subarray(0, each).some((word) => word !== 0n)).toBe(true);
  expect(words.subarray(each, 3 * each).every((word) => word === 0n)).toBe(true);
  // Medians of three groups at four lines, then the test.
  const lines = words.subarray(3 * each, 3 * each + 12);
  expect(lines.every((word, i) => i % 3 === 0 || word === 0n)).toBe(true);
  expect(words.subarray(3 * each + 12).every((word) => word === 0n)).toBe(true);
  const { notes, tests } = decodeBound(bound, run, opened).method!;
  expect(notes.find(({ code }) => code === 'suppressed')!.names).toEqual(['b', 'c']);
  expect(tests).toEqual([]);
});
