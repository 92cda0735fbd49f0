import { SymbolonError } from '@symbolon/crypto';
import { beforeAll, expect, test } from 'vitest';
import { bindStudy, checkSchema, explainStudy, linesOf, type Schema } from '../../src/index.ts';
import { MemoryDuck } from './duckdb.ts';
import { schema as keyed } from './schema.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const { visits, insured, census } = keyed.tables;
const linked: Schema = {
  ...keyed,
  tables: { visits: { ...visits!, parties: ['north'], onePerPatient: true }, insured: insured!, census: census! },
  joins: [
    { hub: 'visits', spoke: 'insured', linked: true },
    { hub: 'visits', spoke: 'census', on: [['pid', 'person']] },
  ],
};

test.each([
  'SELECT i.region, COUNT(*) FROM visits v JOIN insured i ON agreed(v, i) GROUP BY i.region',
  'SELECT i.region, COUNT(*) FROM insured AS i JOIN visits v ON AGREED(i, V) GROUP BY i.region',
])('rows are joined by a known linkage: %s', async (sql) => {
  const bound = await bindStudy(sql, linked, duck);
  expect(bound.tables.map(({ alias }) => alias)).toEqual(['v', 'i']);
  expect(bound.joins).toEqual([{ spoke: 'i', kind: 'linked' }]);
  expect(bound.uses.filter(({ clause }) => clause === 'JOIN')).toEqual([]);
  expect(linesOf(explainStudy(bound)).join('\n')).toMatch(
    /Joined with insured of insurer by a link under the same agreement, whose pairs north and insurer know/,
  );
});

test.each<[from: string, code: string, says: RegExp]>([
  ['visits v JOIN insured i USING (pid)', 'study-policy', /write visits v JOIN insured i ON agreed\(v, i\)/],
  ['visits JOIN insured ON visits.pid = insured.pid', 'study-policy', /write visits JOIN insured ON agreed\(visits, i/],
  ['visits v JOIN insured i ON agreed(v, i) AND v.pid = i.pid', 'study-policy', /ON agreed\(v, i\)/],
  ['visits v JOIN census c ON agreed(v, c)', 'study-policy', /write visits v JOIN census c ON v\.pid = c\.person/],
  ['visits v JOIN insured i ON agreed(v)', 'study-unsupported', /two tables of FROM.*write ON agreed\(v, i\)/],
  ['visits v JOIN insured i ON agreed(v, v)', 'study-unsupported', /write ON agreed\(v, i\)/],
  ['visits v JOIN insured i ON agreed(v.pid, i.pid)', 'study-unsupported', /write ON agreed\(v, i\)/],
  ['visits v JOIN insured i ON agreed(v, insured)', 'study-unsupported', /write ON agreed\(v, i\)/],
  ['visits v JOIN insured i ON TRUE WHERE agreed(v, i)', 'study-unsupported', /./],
])('%s is refused', async (from, code, says) => {
  const refused = await bindStudy(`SELECT COUNT(*) FROM ${from}`, linked, duck).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SymbolonError);
  expect(refused).toMatchObject({ code, message: expect.stringMatching(says) });
});

test('the rows of a table that is linked are those of one party', () => {
  const split = { ...linked, tables: { ...linked.tables, visits: { ...visits!, parties: ['north', 'south'] } } };
  expect(() => checkSchema(split)).toThrow(expect.objectContaining({ code: 'agreement-invalid' }));
});
