import { beforeAll, expect, test } from 'vitest';
import {
  bindMethod,
  bindStudy,
  decodeBound,
  largestRelativeDifference,
  planBound,
  runMethodClear,
} from '../../src/index.ts';
import { ownTables, sizesOf } from '../secure/rehearse.ts';
import { yieldsOf } from '../secure/sessions.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { methodOf } from '../study/method.ts';
import { randomPatients, schemaOf } from './schema.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const joined = 'FROM patients p JOIN insured i USING (pid)';

test.each([
  ['survival', ['north', 'south'], `SELECT p.time, p.died AS event, i.app AS grp ${joined}`, { at: [5, 10, 15, 20] }],
  ['survival', ['north'], `SELECT p.time, p.died AS event, i.plan AS grp ${joined} WHERE i.app`, { at: [5, 20] }],
  ['survival', ['north', 'south'], 'SELECT time, died AS event, arm AS grp FROM patients', { at: [5, 20] }],
  ['logistic-regression', ['north'], `SELECT p.ill AS y, p.age, i.app AS app ${joined}`, { iterations: 10 }],
  ['logistic-regression', ['north', 'south'], 'SELECT ill AS y, age, arm FROM patients', { iterations: 10 }],
  ['logistic-regression', ['north', 'south'], `SELECT p.ill AS y, p.age, i.app AS app ${joined}`, { iterations: 10 }],
  ['t-test', ['north', 'south'], `SELECT p.age AS value, i.app AS grp ${joined}`, {}],
] as const)('%s of %s in whole sessions: %s', async (name, parties, sql, parameters) => {
  const schema = schemaOf(parties, 1, false);
  const bound = await bindMethod({ sql, method: methodOf(name, parameters) }, schema, duck);
  const tables = await duck.load(schema, randomPatients(parties, 150, 3));
  const owned = await ownTables(bound, tables, duck);
  const run = planBound(bound, sizesOf(bound.rows, owned), { to: ['office', 'north'] });
  const ends = await yieldsOf(run, owned);
  const clear = await runMethodClear(bound, tables, duck);
  expect(clear.notes.filter(({ code }) => code !== 'not-reached')).toEqual([]);
  for (const [party, end] of ends) {
    if (party !== 'office' && party !== 'north') expect(end.size, party).toBe(0);
    else expect(largestRelativeDifference(decodeBound(bound, run, end).method!, clear)).toBeLessThan(1e-3);
  }
});

test('a SELECT alone has cells and no method', async () => {
  const schema = schemaOf(['north', 'south'], 1, false);
  const bound = await bindStudy('SELECT arm, COUNT(*) FROM patients GROUP BY arm', schema, duck);
  const owned = await ownTables(bound, await duck.load(schema, randomPatients(['north', 'south'], 60, 3)), duck);
  const run = planBound(bound, sizesOf(bound, owned), { to: ['office'] });
  const { cells, method } = decodeBound(bound, run, (await yieldsOf(run, owned)).get('office')!);
  expect(cells).toHaveLength(4);
  expect(method).toBeNull();
});
