import { beforeAll, expect, test } from 'vitest';
import { bindStudy, runStudyClear, type Schema } from '../../src/index.ts';
import { encodeUnit, planStudy, type StudyRun } from '../../src/secure/index.ts';
import { randomData } from '../sql/data.ts';
import { type Data, MemoryDuck } from '../sql/duckdb.ts';
import { wide } from '../sql/studies.ts';
import { type Owned, ownTables, rehearse, sizesOf } from './rehearse.ts';
import { expectCells } from './same.ts';
import { runSessions } from './sessions.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const joined = 'FROM visits v JOIN insured i USING (pid)';

async function prepare(sql: string, schema: Schema, data: Data, to = ['insurer']) {
  const bound = await bindStudy(sql, schema, duck);
  const tables = await duck.load(schema, data);
  const owned = await ownTables(bound, tables, duck);
  const run = planStudy(bound, sizesOf(bound, owned), { to });
  return { bound, tables, owned, run, clear: await runStudyClear(bound, tables, duck) };
}

/** Rows of p patients at each hospital, and all of them insured: of region east but the last `west`. */
function visits({ north, south, west }: { north: number; south: number; west: number }): Data {
  const at = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`);
  const visit = (pid: string) => ({ pid, kind: 'family', minutes: '-7', cost: '-0.50' });
  const all = [...at('n', north), ...at('s', south)];
  return {
    visits: {
      north: at('n', north).flatMap((pid) => [visit(pid), visit(pid)]),
      south: at('s', south).map(visit),
    },
    insured: { insurer: all.map((pid, i) => ({ pid, region: i < all.length - west ? 'east' : 'west' })) },
  };
}

test('each hospital needs k patients, or none where that is agreed', async () => {
  const sql = `SELECT i.region, COUNT(*), COUNT(DISTINCT v.pid), SUM(v.cost), AVG(v.minutes) ${joined} GROUP BY i.region`;
  const shown = async (counts: { north: number; south: number; west: number }, allowEmptyParty: boolean) => {
    const schema = { ...wide, minPatients: 3, ...(allowEmptyParty ? { allowEmptyParty } : {}) };
    const { run, owned, clear } = await prepare(sql, schema, visits(counts));
    const { cells } = rehearse(run, owned).released;
    expectCells(cells, clear.cells, sql);
    return cells.map(({ values }) => values[0]);
  };
  expect(await shown({ north: 3, south: 3, west: 0 }, false)).toEqual(['9', null, null, null]);
  expect(await shown({ north: 3, south: 2, west: 0 }, false)).toEqual([null, null, null, null]);
  expect(await shown({ north: 4, south: 0, west: 0 }, false)).toEqual([null, null, null, null]);
  expect(await shown({ north: 4, south: 0, west: 0 }, true)).toEqual(['8', null, null, null]);
  expect(await shown({ north: 4, south: 3, west: 3 }, true)).toEqual(['8', '3', null, null]);
  expect(await shown({ north: 4, south: 3, west: 2 }, true)).toEqual([null, null, null, null]);
});

test('what is suppressed is 0 when it opens, whatever the data', async () => {
  const schema = { ...wide, minPatients: 1 };
  const sql = `SELECT i.region, SUM(v.cost), VAR_SAMP(v.minutes) FILTER (WHERE i.level > 0), COUNT(*) ${joined} GROUP BY i.region`;
  let [zeros, others] = [0, 0];
  for (const seed of [1, 2, 3]) {
    const { bound, run, owned, clear } = await prepare(sql, schema, randomData(schema, seed, 40));
    const { opened, released } = rehearse(run, owned);
    expectCells(released.cells, clear.cells, sql);
    const supports = [...new Set(bound.opened.map(({ support }) => support))];
    for (const [i, number] of bound.opened.entries())
      for (const [place, value] of new BigInt64Array(opened.get(`number/${i}`)!.slice().buffer).entries()) {
        const shown = (opened.get(`show/${number.support}`)![place >> 3]! >> (place & 7)) & 1;
        if (shown === 1) others++;
        else {
          expect(value).toBe(0n);
          zeros++;
        }
      }
    // Nothing else opens.
    expect([...opened.keys()].sort()).toEqual(
      [...supports.map((i) => `show/${i}`), ...bound.opened.map((_, i) => `number/${i}`)].sort(),
    );
  }
  expect(zeros).toBeGreaterThan(0);
  expect(others).toBeGreaterThan(0);
});

test('a cell that opens as a whole is withheld as a whole', async () => {
  const sql = `SELECT i.region, COUNT(*), SUM(v.minutes) FILTER (WHERE v.urgent) ${joined} GROUP BY i.region`;
  const prepared = await prepare(sql, { ...wide, minPatients: 2, allowEmptyParty: true }, randomData(wide, 5, 40));
  const bound = { ...prepared.bound, release: { ...prepared.bound.release, minPatients: 12, allOrNone: true } };
  const run = planStudy(bound, sizesOf(bound, prepared.owned), { to: ['insurer'] });
  const { cells } = rehearse(run, prepared.owned).released;
  expectCells(cells, (await runStudyClear(bound, prepared.tables, duck)).cells, sql);
  for (const { suppressed } of cells) expect(new Set(suppressed).size).toBe(1);
});

test('only those who are to learn learn', async () => {
  const { run } = await prepare(`SELECT COUNT(*) ${joined}`, wide, randomData(wide, 1, 12), ['office']);
  const last = run.units.at(-1)!;
  const reveals = last.program.plan.nodes.filter((node) => node.op === 'reveal');
  expect(reveals.length).toBe(2);
  for (const { to } of reveals) expect(to.map((party) => last.parties[party])).toEqual(['office']);
  for (const unit of run.units.slice(0, -1))
    expect(unit.program.plan.nodes.filter((node) => node.op === 'reveal')).toEqual([]);
});

test('no owner can start with a table larger than was agreed, or a value outside its range; nobody is told the value', async () => {
  const sql = `SELECT COUNT(*), SUM(v.minutes) ${joined}`;
  const data = visits({ north: 3, south: 3, west: 0 });
  const { bound, tables, run, owned } = await prepare(sql, wide, data);
  const encode = (run: StudyRun, owned: Owned, party: string) => {
    const unit = run.units.findIndex(({ parties }) => parties.includes(party));
    return encodeUnit({ run, unit, party, tables: owned.get(party)!, kept: new Map() });
  };
  const smaller = (alias: string, party: string, size: object) =>
    planStudy(
      bound,
      { ...run.sizes, [alias]: { ...run.sizes[alias], [party]: { ...run.sizes[alias]![party]!, ...size } } },
      { to: ['insurer'] },
    );
  expect(() => encode(smaller('v', 'north', { rowsPerPatient: 1 }), owned, 'north')).toThrow(
    /^row 2 of visits: its patient has more than 1 rows/,
  );
  expect(() => encode(smaller('v', 'north', { rows: 5 }), owned, 'north')).toThrow(
    'visits has 6 rows, and 5 were agreed',
  );
  expect(() => encode(smaller('v', 'north', { patients: 2 }), owned, 'north')).toThrow('visits has 3 patients');
  expect(() => encode(smaller('i', 'insurer', { patients: 5 }), owned, 'insurer')).toThrow(
    'insured has 6 rows with a key',
  );
  const insurer = new Map(owned.get('insurer')!);
  const { keys, ...rest } = insurer.get('i')!;
  insurer.set('i', { ...rest, keys: keys.map(() => keys[0]!) });
  expect(() => encode(run, new Map([['insurer', insurer]]), 'insurer')).toThrow(/^row 2 of insured has the same key/);
  await duck.rows(`UPDATE ${tables.visits!.south} SET minutes = 241 WHERE pid = 's1'`);
  await expect(ownTables(bound, tables, duck)).rejects.toThrow(
    expect.objectContaining({
      code: 'data-out-of-range',
      message: expect.stringMatching(/^row 2 of visits: .*minutes/),
    }),
  );
  await expect(ownTables(bound, tables, duck)).rejects.not.toThrow(/241/);
});

test('tables without rows, of which none were agreed', async () => {
  for (const sql of [
    `SELECT i.region, COUNT(*), SUM(v.cost) ${joined} GROUP BY i.region`,
    'SELECT COUNT(*) FROM visits v',
    'SELECT v.note, COUNT(*) FROM visits v GROUP BY v.note',
    'SELECT median(v.cost) FROM visits v',
  ]) {
    const { bound, owned, clear } = await prepare(sql, wide, {});
    const run = planStudy(bound, sizesOf(bound, owned, 0), { to: ['insurer'] });
    expectCells(rehearse(run, owned).released.cells, clear.cells, sql);
    for (const [, released] of await runSessions(run, owned))
      if (released !== undefined) expectCells(released.cells, clear.cells, sql);
  }
});

test('what cannot be computed is refused, with what to write instead', async () => {
  const refused = async (sql: string, schema: Schema, to = ['insurer']) => {
    const bound = await bindStudy(sql, schema, duck);
    const owned = await ownTables(bound, await duck.load(schema, {}), duck);
    return expect(() => planStudy(bound, sizesOf(bound, owned), { to }));
  };
  (await refused(`SELECT v.note, COUNT(*) ${joined} GROUP BY v.note`, wide)).toThrow(
    /split over several parties.*agreed values/,
  );
  (await refused('SELECT v.note, median(v.cost) FROM visits v GROUP BY v.note', wide)).toThrow(
    /groups of agreed values/,
  );
  (await refused('SELECT COUNT(*) FROM insured i', wide, ['insurer'])).toThrow(/2 to 5 parties, and this one has 1/);
  const other = { ...wide, joins: [{ hub: 'visits', spoke: 'insured', on: [['note', 'pid']] as const }] };
  const wrong = 'SELECT COUNT(*) FROM visits v JOIN insured i ON v.note = i.pid';
  (await refused(wrong, other)).toThrow(/on pid alone/);
});
