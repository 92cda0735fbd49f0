import { insecureTestRng, randomOrder, toEnd } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Columns, compileRule, encodeKeys, keyEquality, linkProgram, type PsiKeys } from '../../src/index.ts';
import { digestKeys } from '../../src/psi/digests.ts';
import { Duck } from '../duckdb.ts';
import { columns, other, records } from '../tables.ts';
import { keysOf } from './run.ts';

const numRuns = process.env.SLOW ? 2000 : 60;

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});

const of = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
/** Sides that can be equal, of every type, `#` for the alias. */
const text = of('#.id', '#.name', 'lower(#.town)', "coalesce(#.id, '')", '#.id || #.name', "rpad(#.name, 400, 'é')");
const number = of('#.n', '#.price', '#.n + 1', '2 * #.price', '#.wide', '#.big', '-#.n', 'length(#.name)');
const date = of('#.born', '#.seen', '#.born - 3');
const equality = fc
  .oneof(...[text, number, date, fc.constant('#.flag')].map((side) => fc.tuple(side, side)))
  .map(([x, y]) => `${x.replaceAll('#', 'a')} = ${y.replaceAll('#', 'b')}`);
const rule = fc.array(equality, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' AND '));

/** Rows of a and b whose keys are equal byte for byte. */
function equal(a: PsiKeys, b: PsiKeys): number[] {
  const keys = [a, b].map(({ data, offsets, present }) =>
    Array.from(present, (is, i) =>
      is ? Buffer.from(data.subarray(offsets[i], offsets[i + 1])).toString('hex') : null,
    ),
  ) as [(string | null)[], (string | null)[]];
  const found = keys[0].flatMap((x, i) =>
    keys[1].flatMap((y, j) => (x !== null && x === y ? [i * keys[1].length + j] : [])),
  );
  return found.sort((x, y) => x - y);
}

test('keys are equal where DuckDB says that the rule holds', async () => {
  let matched = 0;
  const property = fc.asyncProperty(
    rule,
    fc.nat(1000),
    of('ab 1', 'aé😀\ufffd', 'a\u0001:'),
    async (sql, seed, letters) => {
      const compiled = await compileRule(sql, { a: columns, b: other }, duck);
      const equality = keyEquality(compiled)!;
      await duck.load('ta', columns, records(seed, 23, 2, letters));
      await duck.load('tb', other, records(seed + 1, 19, 2, letters));
      const [a, b] = [await duck.locals(compiled, 'a', 'ta'), await duck.locals(compiled, 'b', 'tb')];
      expect(linkProgram(compiled, a.rows, b.rows).protocol).toBe('link-keys/1');
      const keys = [encodeKeys(compiled, equality, 'a', a), encodeKeys(compiled, equality, 'b', b)] as const;
      const written = await duck.matches(sql, 'ta', 'tb', b.rows);
      expect(equal(...keys), sql).toEqual(written);
      expect(await duck.clear(compiled, a, b), sql).toEqual(written);
      matched += written.length;
    },
  );
  await fc.assert(property, { numRuns });
  expect(matched).toBeGreaterThan(numRuns);
}, 600_000);

test('parts do not run into each other, and keys of any length stay short and apart', async () => {
  const two: Columns = { x: { type: 'text' }, y: { type: 'text' } };
  const compiled = await compileRule('a.x = b.x AND a.y = b.y', { a: two, b: two }, duck);
  const long = 'm'.repeat(1500);
  const rows = [
    ['ab', 'c'],
    ['a', 'bc'],
    ['', 'abc'],
    ['abc', ''],
    [long, 'c'],
    [`${long}c`, ''],
    [long, 'd'],
    ['c', long],
  ];
  const table = { rows: rows.length, columns: [rows.map(([x]) => x), rows.map(([, y]) => y)] };
  const { data, offsets } = encodeKeys(compiled, keyEquality(compiled)!, 'a', table);
  const keys = rows.map((_, i) => Buffer.from(data.subarray(offsets[i], offsets[i + 1])).toString('hex'));
  expect(new Set(keys).size).toBe(rows.length);
  expect(Math.max(...keys.map((key) => key.length / 2))).toBeLessThanOrEqual(256);
});

test('keys in the order of a run have the digests of the same keys put in that order', () => {
  const values = Array.from({ length: 500 }, (_, row) => (row % 7 === 0 ? null : `key ${row % 90}`));
  const order = randomOrder(values.length, insecureTestRng('order'));
  const [numbered, ordered] = [{ ...keysOf(values), order }, keysOf([...order].map((row) => values[row]!))].map(
    (keys) => {
      const kernels = createKernels();
      const { ptr, heads, first } = toEnd(digestKeys(kernels, keys, new Uint8Array(32), insecureTestRng('spare')));
      return { digests: kernels.arena.bytes(ptr, 32 * values.length).slice(), heads, first };
    },
  );
  expect(numbered).toEqual(ordered);
});
