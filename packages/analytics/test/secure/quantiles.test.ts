import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { bindStudy, runStudyClear, type Schema } from '../../src/index.ts';
import { planStudy } from '../../src/secure/index.ts';
import { randomData } from '../sql/data.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { wide } from '../sql/studies.ts';
import { aligned, ownTables, rehearse, sizesOf } from './rehearse.ts';
import { expectCells } from './same.ts';
import { runSessions } from './sessions.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

/** All visits at one hospital. */
const one: Schema = { ...wide, tables: { ...wide.tables, visits: { ...wide.tables.visits!, parties: ['north'] } } };

const sources = [
  {
    schema: wide,
    from: 'visits v',
    numbers: ['v.minutes', 'v.cost', 'v.secret'],
    when: 'v.urgent',
    keys: ['v.kind', 'v.urgent, v.kind'],
  },
  {
    schema: one,
    from: 'visits v JOIN insured i USING (pid)',
    numbers: ['v.minutes', 'v.secret - i.level', 'v.cost * i.level', 'i.paid'],
    when: 'i.app',
    keys: ['v.kind', 'i.sex', 'i.sex, v.kind, v.urgent = i.app'],
  },
];
/** Those of two hospitals meet the others, each alone, in whole sessions: plain integers are slow. */
const split = 'visits v JOIN insured i USING (pid)';

const cases = fc.constantFrom(...sources).chain(({ schema, from, numbers, when, keys }) =>
  fc.record({
    schema: fc.constant(schema),
    sql: fc
      .tuple(
        fc.constantFrom(...numbers),
        fc.constantFrom('0.5', '0.25', '0.1', '0.975'),
        fc.option(fc.constantFrom(...keys)),
      )
      .map(
        ([x, f, key]) =>
          `SELECT ${key === null ? '' : `${key}, `}quantile_cont(${x}, ${f}), COUNT(*), median(${x}) FILTER (WHERE ${when}) FROM ${from}${key === null ? '' : ` GROUP BY ${key}`}`,
      ),
  }),
);

test('random quantiles, with enough patients on either side', async () => {
  const property = fc.asyncProperty(
    cases,
    fc.nat(100_000),
    fc.constantFrom(0, 1, 12, 40),
    fc.constantFrom(1, 3),
    fc.boolean(),
    async ({ schema, sql }, seed, rows, k, allowEmptyParty) => {
      const terms: Schema = { ...schema, minPatients: k, ...(allowEmptyParty ? { allowEmptyParty } : {}) };
      const bound = await bindStudy(sql, terms, duck);
      const tables = await duck.load(terms, randomData(terms, seed, rows));
      const owned = aligned(bound, await ownTables(bound, tables, duck));
      const run = planStudy(bound, sizesOf(bound, owned), { to: ['office'], aligned: true });
      const clear = await runStudyClear(bound, tables, duck);
      const { released, opened } = rehearse(run, owned);
      expectCells(released.cells, clear.cells, sql);
      for (const [i, number] of bound.opened.entries()) {
        if (number.kind !== 'quantile') continue;
        const shows = opened.get(`show quantile/${i}`)!;
        for (const [place, value] of new BigInt64Array(opened.get(`number/${i}`)!.slice().buffer).entries())
          if (((shows[place >> 3]! >> (place & 7)) & 1) === 0) expect(value).toBe(0n);
      }
    },
  );
  await fc.assert(property, { numRuns: process.env.SLOW ? 300 : 20 });
});

test('quantiles in whole sessions', async () => {
  for (const [schema, sql] of [
    [wide, 'SELECT v.kind, median(v.cost) FROM visits v GROUP BY v.kind'],
    [one, 'SELECT i.sex, quantile_cont(v.minutes, 0.25) FROM visits v JOIN insured i USING (pid) GROUP BY i.sex'],
    [
      wide,
      `SELECT i.sex, median(v.minutes), COUNT(*), SUM(i.paid) FROM ${split} WHERE i.app OR v.urgent GROUP BY i.sex`,
    ],
    [
      wide,
      `SELECT v.kind, quantile_cont(v.cost * i.level, 0.75) FROM ${split} JOIN census c ON v.pid = c.person GROUP BY 1`,
    ],
  ] as const) {
    const terms: Schema = { ...schema, minPatients: schema === wide ? 2 : 1, allowEmptyParty: true };
    const bound = await bindStudy(sql, terms, duck);
    const tables = await duck.load(terms, randomData(terms, 4, schema === wide ? 90 : 40));
    const owned = await ownTables(bound, tables, duck);
    const learned = await runSessions(planStudy(bound, sizesOf(bound, owned), { to: ['office'] }), owned);
    const clear = await runStudyClear(bound, tables, duck);
    expectCells(learned.get('office')!.cells, clear.cells, sql);
    expect(clear.cells.some(({ suppressed }) => suppressed.includes(false))).toBe(true);
  }
});
