import { beforeAll, expect, test } from 'vitest';
import { bindMethod, finishMethod, type Reduction, runMethodClear, type Schema } from '../../src/index.ts';
import { complete } from '../../src/sql/release.ts';
import { type Data, MemoryDuck, type Row } from '../sql/duckdb.ts';
import { evaluate } from '../sql/evaluate.ts';
import { methodOf } from './method.ts';

const far = 100_000_000n;
const wide = { type: 'number', min: '0', max: '300000000', policy: 'group', required: true } as const;
const small = { type: 'number', min: '-500', max: '500', policy: 'group', required: true } as const;
const schema: Schema = {
  tables: {
    people: {
      parties: ['clinic'],
      maxRows: 20,
      patient: 'pid',
      columns: {
        pid: { type: 'text', policy: 'join', required: true },
        far: { ...wide, scale: 0 },
        near: small,
        other: small,
        treated: { type: 'boolean', policy: 'group', required: true },
      },
    },
  },
  joins: [],
  minPatients: 3,
};

let duck: MemoryDuck;
beforeAll(async () => {
  duck = await MemoryDuck.open();
});

/** What the bound tree gives in whole numbers, and the plain method. */
async function both(name: string, sql: string) {
  const people = Array.from({ length: 16 }, (_, i): Row => {
    const near = (i * i * 7) % 23;
    return {
      pid: `p${i}`,
      far: String(far + BigInt(near)),
      near: String(near),
      other: String((i * 5) % 7),
      treated: i % 2 === 0,
    };
  });
  const data: Data = { people: { clinic: people } };
  const tables = await duck.load(schema, data);
  const bound = await bindMethod({ sql, method: methodOf(name) }, schema, duck);
  const { study } = bound.work as Reduction;
  const cells = complete(study, await evaluate(study, tables, duck));
  return { result: finishMethod(bound, { cells }), plain: await runMethodClear(bound, tables, duck) };
}

test.each([
  ['t-test', (x: string) => `SELECT ${x} AS value, treated AS grp FROM people`],
  ['correlation', (x: string) => `SELECT ${x} AS x, other AS y FROM people`],
  ['before-after', (x: string) => `SELECT ${x} AS before, ${x} + other AS after FROM people`],
  ['linear-regression', (x: string) => `SELECT other AS y, ${x} AS x, treated FROM people`],
])('%s: a mean of 10^8 and a spread of 10 cost no digits', async (name, sql) => {
  const [moved, { plain }] = [await both(name, sql('far')), await both(name, sql('near'))];
  const slope = name === 'linear-regression' ? 1 : 0;
  const [own, wanted] = [moved.result.estimates[slope]!, plain.estimates[slope]!];
  expect(Math.abs(own.value! / wanted.value! - 1)).toBeLessThan(1e-9);
  expect(Math.abs(own.standardError! / wanted.standardError! - 1)).toBeLessThan(1e-9);
});

test.each([
  ['SELECT other AS y, near, 3 * near - 1 AS thrice FROM people', ['thrice', 'near']],
  ['SELECT other AS y, far, far - 5 AS less FROM people', ['less', 'far']],
  ['SELECT other AS y, near, 0 * far + 7 AS same FROM people', ['same', '(intercept)']],
  ['SELECT other AS y, near, treated, NOT treated AS control FROM people WHERE near >= 0', undefined],
])('collinear columns are named: %s', async (sql, names) => {
  const { result } = await both('linear-regression', sql);
  expect(result.estimates.every(({ value }) => value === null)).toBe(true);
  if (names === undefined) {
    // Treated and not control is no one: nothing opens.
    expect(result.notes.map(({ code }) => code)).toEqual(['suppressed']);
    return;
  }
  expect(result.notes).toMatchObject([{ code: 'collinear', names }]);
});

test('what does not vary has no correlation, and a note', async () => {
  const { result } = await both('correlation', 'SELECT 0 * near + 2 AS x, other AS y FROM people');
  expect([result.estimates[0]!.value, result.notes]).toMatchObject([null, [{ code: 'no-variation', names: ['x'] }]]);
});
