import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ring } from '../src/index.ts';
import { PlanBuilder, pack, planCost, runClear } from '../src/index.ts';
import { runSecure } from './network.ts';

const shape = fc.record({
  bits: fc.constantFrom<Ring>(16, 32, 64),
  parties: fc.integer({ min: 2, max: 4 }),
  rows: fc.integer({ min: 1, max: 40 }),
  cols: fc.integer({ min: 1, max: 70 }),
  inner: fc.integer({ min: 40, max: 90 }),
  entries: fc.array(fc.integer({ min: 0, max: 2 ** 20 }), { minLength: 1, maxLength: 60 }),
});

/** A matrix with at most `weight` entries a row, at places that `entries` gives. */
function fewEntries(rows: number, inner: number, weight: number, entries: readonly number[]): bigint[] {
  const matrix = Array<bigint>(rows * inner).fill(0n);
  for (let at = 0; at < rows * weight; at++) {
    const entry = entries[at % entries.length]! + at * 7;
    if (entry % 5 !== 0) matrix[Math.floor(at / weight) * inner + (entry % inner)] = BigInt(entry % 9) - 4n;
  }
  return matrix;
}

test('products of sparse matrices equal the clear ones, whoever owns the factors', async () => {
  await fc.assert(
    fc.asyncProperty(shape, async ({ bits, parties, rows, cols, inner, entries }) => {
      const plan = (weights?: [number, number]) => {
        const b = new PlanBuilder(parties);
        const x = b.input('x', parties - 1, { ring: bits, size: (rows + 1) * inner });
        const y = b.input('y', 0, { ring: bits, size: cols * inner });
        const some = b.slice(x, inner, rows * inner);
        b.reveal(b.matmul(some, y, { rows, cols, inner, ...(weights && { weights }) }), [0], 'xy');
        return b.build();
      };
      const sparse = plan([3, 2]);
      expect(sparse.nodes.some((node) => node.op === 'matmul' && node.sparse !== undefined)).toBe(true);
      // The shape of what is sent is that of the dense product.
      expect(planCost(sparse)).toEqual(planCost(plan()));
      const inputs = {
        x: pack({ kind: 'ring', bits, size: (rows + 1) * inner }, fewEntries(rows + 1, inner, 3, entries)),
        y: pack({ kind: 'ring', bits, size: cols * inner }, fewEntries(cols, inner, 2, entries)),
      };
      const { outputs } = await runSecure(sparse, inputs);
      expect(outputs[0]!.xy).toEqual(runClear(sparse, inputs).xy);
    }),
    { numRuns: process.env.SLOW ? 300 : 30 },
  );
});

test('a row with more entries than the plan says is refused before anything is sent of it', async () => {
  const b = new PlanBuilder(2);
  const [x, y] = [b.input('x', 0, { ring: 16, size: 64 }), b.input('y', 1, { ring: 16, size: 64 })];
  b.reveal(b.matmul(x, y, { rows: 1, cols: 1, inner: 64, weights: [1, 1] }), [0], 'xy');
  const ones = pack({ kind: 'ring', bits: 16, size: 64 }, [1n, 1n]);
  await expect(runSecure(b.build(), { x: ones, y: new Uint8Array(128) })).rejects.toMatchObject({ code: 'plan-range' });
});
