import { beforeAll, expect, test } from 'vitest';
import {
  type Columns,
  type CompiledRule,
  compileRule,
  encodeLeaf,
  normalise,
  normaliseSteps,
  shapeOf,
} from '../src/index.ts';
import { Duck, type Row } from './duckdb.ts';

const size = 5000;
const columns: Columns = {
  soc_sec_id: { type: 'text' },
  given_name: { type: 'text', maxLength: 16, normalise: normaliseSteps },
  surname: { type: 'text', maxLength: 24, normalise: normaliseSteps },
  address: { type: 'text', maxLength: 100, normalise: normaliseSteps },
};
const sql =
  'a.soc_sec_id = b.soc_sec_id OR (agree(a.given_name || a.surname, b.given_name || b.surname) >= 0.9 AND agree(a.address, b.address) >= 0.9)';

// People and their copies with typing errors, of the size and shape of FEBRL4.
function people(): { a: Row[]; b: Row[]; twins: Set<number> } {
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const word = (least: number, most: number): string =>
    Array.from({ length: least + next(most - least + 1) }, () => String.fromCharCode(97 + next(26))).join('');
  const typo = (text: string): string => {
    const at = next(text.length);
    return next(3) === 0 ? `${text.slice(0, at)}${word(1, 1)}${text.slice(at + 1)}` : text;
  };
  const person = (): Record<string, string> => ({
    soc_sec_id: String(1_000_000 + next(9_000_000)),
    given_name: word(3, 10),
    surname: word(3, 12),
    address: normalise(
      normaliseSteps,
      `${next(200)} ${word(5, 14)} St., ${word(5, 14)}-${word(4, 9)} ${1000 + next(9000)} NSW`,
    ),
  });
  const a = Array.from({ length: size }, person);
  const b = a.map(
    (row): Row =>
      next(10) === 0
        ? person()
        : Object.fromEntries(Object.entries(row).map(([name, value]) => [name, next(20) === 0 ? null : typo(value)])),
  );
  return { a, b, twins: new Set(a.map((_, i) => i * size + i)) };
}

let duck: Duck;
let rule: CompiledRule;
beforeAll(async () => {
  duck = await Duck.open();
  rule = await compileRule(sql, { a: columns, b: columns }, duck);
});

test('5,000 × 5,000: what is encoded has the size that is said, and the clear run finds the twins', async () => {
  const { a, b, twins } = people();
  await duck.load('ta', columns, a);
  await duck.load('tb', columns, b);
  const [left, right] = [await duck.locals(rule, 'a', 'ta'), await duck.locals(rule, 'b', 'tb')];

  const bytes = rule.leaves.map((_, leaf) => encodeLeaf(rule, leaf, 'a', left).length);
  expect(bytes).toEqual(rule.leaves.map(shapeOf).map(({ inner, ring }) => (size * inner * ring) / 8));

  const pairs = await duck.clear(rule, left, right);
  expect(pairs.filter((pair) => twins.has(pair)).length).toBeGreaterThan(0.7 * size);
  expect(pairs.length).toBeLessThan(1.01 * size);
});
