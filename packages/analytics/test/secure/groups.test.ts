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
const one: Schema = {
  ...wide,
  tables: { ...wide.tables, visits: { ...wide.tables.visits!, parties: ['north'] } },
};

const cases: [what: string, schema: Schema, sql: string][] = [
  [
    'texts of two hospitals',
    wide,
    'SELECT v.note, COUNT(*), SUM(v.cost), COUNT(DISTINCT v.pid) FROM visits v GROUP BY v.note',
  ],
  ['numbers and texts of two hospitals', wide, 'SELECT v.cost, v.ward, AVG(v.minutes) FROM visits v GROUP BY 1, 2'],
  [
    'texts of a hospital, joined',
    one,
    'SELECT v.note, COUNT(*), COUNT(DISTINCT v.pid), VAR_SAMP(v.cost) FILTER (WHERE i.app) FROM visits v JOIN insured i USING (pid) GROUP BY v.note',
  ],
  [
    'numbers of a spoke',
    one,
    'SELECT i.paid, COUNT(*), COUNT(DISTINCT v.pid) FROM visits v JOIN insured i USING (pid) WHERE v.minutes > 0 GROUP BY i.paid',
  ],
  [
    'a number of two tables, and a condition',
    one,
    'SELECT v.cost * i.level, v.urgent = i.app, COUNT(*), SUM(i.paid) FROM visits v JOIN insured i USING (pid) GROUP BY 1, 2',
  ],
];

test.each(cases)('groups of values not known before: %s', async (_, schema, sql) => {
  for (const [seed, k, allowEmptyParty] of [
    [1, 1, true],
    [2, 2, true],
    [3, 2, false],
  ] as const) {
    const terms: Schema = { ...schema, minPatients: k, ...(allowEmptyParty ? { allowEmptyParty } : {}) };
    const bound = await bindStudy(sql, terms, duck);
    const tables = await duck.load(terms, randomData(terms, seed, 40));
    const owned = aligned(bound, await ownTables(bound, tables, duck));
    const run = planStudy(bound, sizesOf(bound, owned), { to: ['office'], aligned: true });
    const clear = await runStudyClear(bound, tables, duck);
    const { released, opened } = rehearse(run, owned);
    expectCells(released.cells, clear.cells, sql);
    // Of groups that do not show nothing opens, their keys least of all.
    const codes = opened.get('code/0')!;
    const bytes = opened.get('number/0')!.length / 8;
    const width = codes.length / bytes;
    const shown = Array.from({ length: bytes }, (_, i) =>
      codes.subarray(i * width, (i + 1) * width).some((byte) => byte !== 0),
    );
    expect(shown.filter(Boolean).length).toBe(clear.cells.length);
    for (const [name, wire] of opened) {
      if (name.startsWith('show')) continue;
      const each = wire.length / bytes;
      for (const [i, is] of shown.entries())
        if (!is)
          expect(
            wire.subarray(i * each, (i + 1) * each).every((byte) => byte === 0),
            name,
          ).toBe(true);
    }
    if (seed === 1) expect(clear.cells.length, sql).toBeGreaterThan(0);
  }
});

test('in whole sessions, all that is sorted and shuffled', async () => {
  for (const [, schema, sql] of [cases[1]!, cases[2]!]) {
    const bound = await bindStudy(sql, { ...schema, minPatients: 1, allowEmptyParty: true }, duck);
    const tables = await duck.load(schema, randomData(schema, 4, 40));
    const owned = await ownTables(bound, tables, duck);
    const learned = await runSessions(planStudy(bound, sizesOf(bound, owned), { to: ['office'] }), owned);
    const clear = await runStudyClear(bound, tables, duck);
    expectCells(learned.get('office')!.cells, clear.cells, sql);
    expect(clear.cells.length).toBeGreaterThan(2);
  }
});

test('rows of one patient are at most 64 where groups are found by sorting', async () => {
  const sql = 'SELECT v.note, COUNT(*) FROM visits v JOIN insured i USING (pid) GROUP BY v.note';
  const plan = async (written: string, rowsPerPatient: number) => {
    const schema = { ...wide, tables: { ...wide.tables, visits: { ...wide.tables.visits!, parties: ['north'] } } };
    const bound = await bindStudy(written, schema, duck);
    const size = { rows: 20, patients: 20 };
    const sizes = { v: { north: { ...size, rowsPerPatient } }, i: { insurer: size } };
    return () => planStudy(bound, sizes, { to: ['office'] });
  };
  expect(await plan(sql, 65)).toThrow(
    /visits may have 65 rows of a patient .*, and 64 are the most .*; list the values/,
  );
  expect(await plan(sql.replaceAll('v.note', 'v.urgent'), 65)).not.toThrow();
});

test('a text too long to group by is an error at its owner, which does not tell it', async () => {
  const sql = 'SELECT v.note, COUNT(*) FROM visits v GROUP BY v.note';
  const bound = await bindStudy(sql, wide, duck);
  const tables = await duck.load(wide, {
    visits: { north: [{ pid: 'a', kind: 'family', note: 'é'.repeat(17) }], south: [] },
  });
  const owned = await ownTables(bound, tables, duck);
  const run = planStudy(bound, sizesOf(bound, owned), { to: ['office'] });
  expect(() => rehearse(run, owned)).toThrow(/v.note.* has more than 32 bytes/);
});
