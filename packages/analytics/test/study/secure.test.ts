import { beforeAll, expect, test } from 'vitest';
import {
  bindMethod,
  finishMethod,
  largestRelativeDifference,
  type Reduction,
  runMethodClear,
  type Schema,
} from '../../src/index.ts';
import { planStudy } from '../../src/secure/index.ts';
import { ownTables, rehearse, sizesOf } from '../secure/rehearse.ts';
import { randomData } from '../sql/data.ts';
import { MemoryDuck } from '../sql/duckdb.ts';
import { wide } from '../sql/studies.ts';
import { methodOf } from './method.ts';

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

const joined = 'FROM visits v JOIN insured i USING (pid)';

test.each([
  ['t-test', `SELECT v.cost AS value, i.app AS grp, i.sex AS by ${joined}`, {}],
  ['histogram', `SELECT v.cost - i.paid AS value ${joined}`, { edges: [-5000, 0, 5000] }],
  ['risk', 'SELECT urgent AS exposed, minutes > 100 AS outcome FROM visits', {}],
  ['before-after', `SELECT v.cost AS before, i.paid AS after ${joined}`, {}],
  ['difference-in-differences', `SELECT v.minutes AS before, v.cost AS after, i.app AS treated ${joined}`, {}],
  ['linear-regression', `SELECT v.cost AS y, i.paid, i.app, v.kind ${joined}`, {}],
])('%s: %s, by the plans of a secure run', async (name, sql, parameters) => {
  let withheld = 0;
  for (const [seed, minPatients] of [
    [3, 1],
    [2, 4],
    [3, 20],
  ] as const) {
    const schema: Schema = { ...wide, minPatients, allowEmptyParty: true };
    const bound = await bindMethod({ sql, method: methodOf(name, parameters) }, schema, duck);
    const { study } = bound.work as Reduction;
    const tables = await duck.load(schema, randomData(schema, seed, 40));
    const owned = await ownTables(study, tables, duck);
    const { released } = rehearse(planStudy(study, sizesOf(study, owned), { to: ['office', 'south'] }), owned);
    const result = finishMethod(bound, released);
    expect(largestRelativeDifference(result, await runMethodClear(bound, tables, duck))).toBeLessThan(1e-7);
    if (result.notes.some(({ code }) => code === 'suppressed')) withheld++;
    if (study.release.allOrNone) for (const { suppressed } of released.cells) expect(new Set(suppressed).size).toBe(1);
  }
  expect(withheld).toBeGreaterThan(0);
  expect(withheld).toBeLessThan(3);
});
