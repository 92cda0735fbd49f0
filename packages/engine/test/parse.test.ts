import { canonicalBytes, insecureTestRng, readU64, SymbolonError } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dealCorrections,
  divide,
  exp,
  log,
  PlanBuilder,
  parsePlan,
  planCost,
  planHash,
  sigmoid,
  squareRoot,
} from '../src/index.ts';
import { randomCase } from './plans.ts';

const cases = fc.record({ seed: fc.integer({ min: 0, max: 2 ** 31 }), parties: fc.integer({ min: 2, max: 5 }) });
const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const invalid = expect.objectContaining({ code: 'plan-invalid' });

test('every plan comes back from its JSON as it was', () => {
  fc.assert(
    fc.property(cases, ({ seed, parties }) => {
      const { plan } = randomCase(seed, parties);
      expect(planHash(parsePlan(copy(plan)))).toEqual(planHash(plan));
    }),
    { numRuns: process.env.SLOW ? 2000 : 200 },
  );
});

test('a declared range, a sparse product and a kept value come back', () => {
  const b = new PlanBuilder(2);
  const x = b.input('x', 0, { ring: 16, size: 128, range: [0n, 9n] });
  const y = b.input('y', 1, { ring: 16, size: 128, range: [0n, 9n] });
  b.stage();
  const range = [0n, 99n] as const;
  b.keep(b.matmul(x, y, { rows: 2, cols: 2, inner: 64, weights: [2, 3], range }), 'product');
  b.keep(b.linear([[4000n, x]], 5n, [0n, 7n]), 'sum');
  expect(parsePlan(copy(b.build()))).toEqual(b.build());
});

test('fixed-point functions, whose ranges are declared, come back', () => {
  const b = new PlanBuilder(2);
  const x = { wire: b.input('x', 0, { ring: 64, size: 9, range: [-(1n << 20n), 1n << 20n] }), fraction: 16 };
  const y = { wire: b.input('y', 1, { ring: 64, size: 9, range: [1n, 1n << 30n] }), fraction: 10 };
  const results = [
    divide(b, x, y, { fraction: 20 }),
    squareRoot(b, y, 20),
    exp(b, x, 20),
    log(b, y, 20),
    sigmoid(b, x, 20),
  ];
  for (const [i, { wire }] of results.entries()) b.reveal(wire, [0], `${i}`);
  expect(parsePlan(copy(b.build()))).toEqual(b.build());
});

/** Every place of a JSON value where something else may stand. */
function places(value: unknown): { parent: Record<string, unknown>; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...places(parent[key])]);
}

const strange: readonly unknown[] = [
  null,
  -1,
  0,
  1,
  2,
  3,
  64,
  1.5,
  2 ** 53,
  1e300,
  '',
  '0',
  '-0',
  '1'.repeat(50),
  '9999999999999999999',
  'reveal',
  'sortDigit',
  'products',
  '__proto__',
  true,
  [],
  [0],
  [[]],
  {},
  undefined,
];

test('a plan with one thing changed is refused, or is another plan', () => {
  let accepted = 0;
  fc.assert(
    fc.property(cases, fc.integer(), ({ seed, parties }, choice) => {
      const rng = insecureTestRng(choice);
      const below = (n: number): number => Number(readU64(rng(8)) % BigInt(n));
      const changed = copy(randomCase(seed, parties).plan);
      for (let i = below(3); i >= 0; i--) {
        const all = places(changed);
        const { parent, key } = all[below(all.length)]!;
        const other = all[below(all.length)]!;
        const kind = below(4);
        if (kind === 0) delete parent[key];
        else if (kind === 1) parent[key] = strange[below(strange.length)];
        else if (kind === 2) parent[key] = copy(other.parent[other.key] ?? null);
        else parent[`${key}2`] = parent[key];
      }
      try {
        const plan = parsePlan(changed);
        accepted++;
        expect(canonicalBytes(plan)).toEqual(canonicalBytes(changed));
        planCost(plan);
      } catch (error) {
        if (!(error instanceof SymbolonError)) throw error;
        expect(error).toEqual(invalid);
      }
    }),
    { numRuns: process.env.SLOW ? 10_000 : 1000 },
  );
  expect(accepted).toBeGreaterThan(0);
});

test.each([undefined, null, 7, 'plan', [], {}, { nodes: 'x' }, [[[]]]])('%j is no plan', (value) => {
  expect(() => parsePlan(value)).toThrowError(invalid);
});

test('nodes, wires, elements and multiplications are bounded', () => {
  const b = new PlanBuilder(2);
  const x = b.input('x', 0, { ring: 64, size: 8 });
  b.reveal(b.matmul(x, b.tile(x, 8), { rows: 1, cols: 8, inner: 8 }), [0], 'y');
  const plan = b.build();
  const limits = { nodes: 4, wires: 3, elements: 80, multiplications: 64 };
  expect(parsePlan(plan, limits)).toEqual(plan);
  for (const less of [{ nodes: 3 }, { wires: 2 }, { elements: 79 }, { multiplications: 63 }]) {
    expect(() => parsePlan(plan, { ...limits, ...less })).toThrowError(invalid);
  }
});

test('the results of a node are read once, however many: whoever may hand in a plan may not stop who reads it', () => {
  const b = new PlanBuilder(2);
  const [x, y] = [b.inputBits('x', 0, 8), b.inputBits('y', 1, 8)];
  b.products(Array.from({ length: 500 }, () => [{ factors: [x, y] }]));
  const plan = copy(b.build()) as { nodes: object[] };
  const node = plan.nodes.at(-1)!;
  const { out } = node as { out: unknown };
  let reads = 0;
  Object.defineProperty(node, 'out', { enumerable: true, get: () => [out, reads++][0] });
  parsePlan(plan);
  expect(reads).toBeLessThan(10);
});

test('a stage of which no party could hold the answer key is not dealt', () => {
  const b = new PlanBuilder(2);
  const x = b.input('x', 0, { ring: 64, size: 2 ** 27 });
  b.reveal(b.lessThanZero(x), [0], 'y');
  const plan = parsePlan(b.build());
  expect(planCost(plan).answerKeyBytes).toBeGreaterThan(2 ** 32);
  const masks = [0, 1].map(() => ({ stream: () => ({ fill: () => undefined }) }));
  expect(() => dealCorrections({ plan, masks, kernels: createKernels() }).next()).toThrowError(invalid);
});
