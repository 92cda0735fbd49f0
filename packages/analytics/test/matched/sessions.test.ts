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
  type StudyColumn,
} from '../../src/index.ts';
import { planStudy } from '../../src/secure/index.ts';
import { ownTables, sizesOf } from '../secure/rehearse.ts';
import { expectCells } from '../secure/same.ts';
import { runSessions, yieldsOf } from '../secure/sessions.ts';
import { MemoryDuck, type Row } from '../sql/duckdb.ts';
import { methodOf } from '../study/method.ts';
import { alike, mostAlike, randomPeople, schemaOf } from './people.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const registry = 'FROM patients p JOIN registered r ON agreed(p, r)';
const pupils = 'JOIN pupils c ON agreed(p, c)';
const insured = 'JOIN insured i ON p.pid = i.pid';

test.each([
  ['groups of the spoke', alike, 2, `SELECT r.region, COUNT(*), SUM(r.paid), AVG(p.age) ${registry} GROUP BY r.region`],
  [
    'the best, groups of both',
    mostAlike,
    2,
    `SELECT p.arm, r.app, COUNT(*), COUNT(DISTINCT p.pid), SUM(p.age * r.paid) ${registry} WHERE p.time > 3 AND r.paid < 450 GROUP BY 1, 2`,
  ],
  ['groups that nobody knows before', alike, 3, `SELECT r.place, COUNT(*), AVG(r.paid) ${registry} GROUP BY r.place`],
  ['a median', alike, 2, `SELECT p.arm, median(r.paid) ${registry} GROUP BY p.arm`],
  ['no column of the spoke', alike, 1, `SELECT COUNT(*) ${registry}`],
  [
    'two spokes, each by a rule',
    alike,
    2,
    `SELECT r.region, COUNT(*), SUM(c.grade * p.time) ${registry} ${pupils} WHERE c.grade < 6 OR r.app GROUP BY r.region`,
  ],
  [
    'a spoke by a rule, another by its key',
    mostAlike,
    2,
    `SELECT i.plan, COUNT(*), SUM(r.paid + i.cost) ${registry} ${insured} GROUP BY i.plan`,
  ],
  [
    'two by rules, one by its key',
    alike,
    2,
    `SELECT p.arm, COUNT(*), AVG(i.cost), SUM(c.grade) ${registry} ${insured} ${pupils} WHERE r.app GROUP BY p.arm`,
  ],
] as const)('in whole sessions, as DuckDB: %s', async (_, rule, minPatients, sql) => {
  const schema = schemaOf(rule, minPatients);
  const bound = await bindStudy(sql, schema, duck);
  const tables = await duck.load(schema, randomPeople(90, 5));
  const owned = await ownTables(bound, tables, duck);
  const learned = await runSessions(planStudy(bound, sizesOf(bound, owned), { to: ['office'] }), owned);
  const clear = await runStudyClear(bound, tables, duck);
  expect(clear.cells.some(({ suppressed }) => suppressed.includes(false))).toBe(true);
  for (const [party, released] of learned)
    if (party === 'office') expectCells(released!.cells, clear.cells, sql);
    else expect(released).toBeUndefined();
});

test('where the hub has more rows than bins, as few of them have the key of another spoke', async () => {
  const schema = schemaOf({ ...alike, blocking: { keys: alike.blocking.keys.slice(0, 1), cap: 1 } });
  const nr: StudyColumn = { type: 'text', policy: 'join' };
  const known = (name: string) => ({ ...schema.tables[name]!, columns: { ...schema.tables[name]!.columns, nr } });
  const numbered: Schema = {
    ...schema,
    tables: { ...schema.tables, patients: known('patients'), insured: known('insured') },
    joins: [schema.joins[0]!, { hub: 'patients', spoke: 'insured', on: [['nr', 'nr']] }],
  };
  const sql = `SELECT COUNT(*), SUM(r.paid + i.cost) ${registry} JOIN insured i ON p.nr = i.nr`;
  const bound = await bindStudy(sql, numbered, duck);
  const { patients, insured: others, ...rest } = randomPeople(60, 11);
  const few = (row: Row): Row => ({ ...row, nr: Number(String(row.pid).slice(1)) % 3 === 0 ? null : row.pid! });
  const data = {
    ...rest,
    patients: { north: patients!.north!.map(few) },
    insured: { insurer: others!.insurer!.map(few) },
  };
  const tables = await duck.load(numbered, data);
  const owned = await ownTables(bound, tables, duck);
  // Sizes are public, and may be padded: 5248 bins of keys, and more rows.
  const sizes = { ...sizesOf(bound, owned), p: { north: { rows: 5300, patients: 60 } } };
  const learned = await runSessions(planStudy(bound, sizes, { to: ['office'] }), owned);
  const clear = await runStudyClear(bound, tables, duck);
  expect(Number(clear.cells[0]!.values[0])).toBeGreaterThan(5);
  expectCells(learned.get('office')!.cells, clear.cells, sql);
});

test.each([
  "agree(a.name, b.called) >= 0.75 AND (abs(date_diff('day', a.born, b.birth)) <= 31 OR b.birth IS NULL)",
  'jaccard(a.name, b.called, 2) >= 0.4 AND a.age + 3 > 0',
  'a.name = b.called OR (hamming(a.name, b.called) <= 1 AND NOT (b.paid < 250))',
  "CASE WHEN dice(a.name, b.called, 2) >= 0.9 THEN 3 WHEN agree(a.name, b.called) > 0.5 THEN 1.5 ELSE -1 END + 2 * CAST(b.region = 'hill' AS INTEGER) < 3",
])('whatever the rule compares: %s', async (rule) => {
  const schema = schemaOf({ ...alike, rule });
  const sql = `SELECT p.arm, COUNT(*), SUM(p.time), SUM(r.paid) ${registry} GROUP BY p.arm`;
  const bound = await bindStudy(sql, schema, duck);
  const tables = await duck.load(schema, randomPeople(80, 21));
  const owned = await ownTables(bound, tables, duck);
  const learned = await runSessions(planStudy(bound, sizesOf(bound, owned), { to: ['office'] }), owned);
  const clear = await runStudyClear(bound, tables, duck);
  const matching = clear.cells.reduce((sum, { values }) => sum + Number(values[0] ?? 0), 0);
  expect(matching).toBeGreaterThan(5);
  expect(matching).toBeLessThan(75);
  expectCells(learned.get('office')!.cells, clear.cells, sql);
});

test.each([
  ['survival', `SELECT p.time, p.died AS event, r.app AS grp ${registry}`, alike, { at: [5, 10, 15] }],
  ['survival', `SELECT p.time, p.died AS event, i.plan AS grp ${registry} ${insured}`, mostAlike, { at: [5, 15] }],
  ['logistic-regression', `SELECT p.died AS y, p.age, r.app AS app ${registry}`, alike, { iterations: 10 }],
  ['t-test', `SELECT p.age AS value, r.app AS grp ${registry} ${pupils}`, alike, {}],
] as const)('%s in whole sessions, as in the clear: %s', async (name, sql, rule, parameters) => {
  const schema = schemaOf(rule);
  const bound = await bindMethod({ sql, method: methodOf(name, parameters) }, schema, duck);
  const tables = await duck.load(schema, randomPeople(120, 9));
  const owned = await ownTables(bound, tables, duck);
  const run = planBound(bound, sizesOf(bound.rows, owned), { to: ['office'] });
  const end = (await yieldsOf(run, owned)).get('office')!;
  const clear = await runMethodClear(bound, tables, duck);
  expect(clear.notes.filter(({ code }) => code !== 'not-reached')).toEqual([]);
  expect(largestRelativeDifference(decodeBound(bound, run, end).method!, clear)).toBeLessThan(1e-3);
});
