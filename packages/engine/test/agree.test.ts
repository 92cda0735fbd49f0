import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WireType } from '../src/index.ts';
import { PlanBuilder, pack, planCost, runClear, unpack } from '../src/index.ts';
import { randomValues, runSecure } from './network.ts';
import { randomCase } from './plans.ts';

/** Element by element; of bits, ⊕. */
function sum(type: WireType, vectors: readonly (readonly bigint[])[]): bigint[] {
  return vectors[0]!.map((_, i) =>
    vectors.reduce((total, vector) => (type.kind === 'bits' ? total ^ vector[i]! : total + vector[i]!), 0n),
  );
}

const bytesOf = (words: Uint16Array): Uint8Array => new Uint8Array(words.buffer);

describe('party and dealer agree with clear', () => {
  test('on random plans for 2 to 5 parties', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 2, max: 5 }), async (seed, parties) => {
        const { plan, inputs: own } = randomCase(seed, parties);
        const inputs = { ...own, ...randomValues(plan) };
        const expected = runClear(plan, inputs);
        const { outputs, hashes, frames, answerKey, sessions, kernels, dealer } = await runSecure(plan, inputs);
        for (const node of plan.nodes) {
          if (node.op === 'keep') {
            const type = plan.wires[node.in[0]!]!;
            const shares = outputs.map((kept) => unpack(type, kept[node.name]!));
            expect(pack(type, sum(type, shares)), node.name).toEqual(expected[node.name]);
          }
          if (node.op !== 'reveal') continue;
          for (const [party, learned] of outputs.entries()) {
            if (node.to.includes(party)) expect(learned[node.name], node.name).toEqual(expected[node.name]);
            else expect(learned[node.name]).toBeUndefined();
          }
        }
        // Every block was given back.
        for (const { arena } of [...kernels, dealer]) expect(arena.used).toBe(0);
        expect(new Set(hashes.map((hash) => hash.join())).size).toBe(1);
        expect(sessions[0]!.transcript(1)).toEqual(sessions[1]!.transcript(0));
        // What was announced is what was sent.
        const cost = planCost(plan);
        expect(answerKey.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(cost.answerKeyBytes);
        const sent = (a: number, b: number): number =>
          frames.filter(({ from, to }) => from === a && to === b).reduce((sum, { frame }) => sum + frame.length, 0);
        const shared = 32 + cost.openedBytes;
        for (let from = 0; from < parties; from++) {
          for (let to = 0; to < parties; to++) {
            if (from === to) continue;
            const only = cost.inputBytes[from]! + cost.revealedBytes[to]! + cost.sentBytes[from]![to]!;
            expect(sent(from, to)).toBe(shared + only);
          }
        }
      }),
      { numRuns: process.env.SLOW ? 500 : 40 },
    );
  });

  test('on a matrix product in strips whose rows are no whole vectors, in memory used before', async () => {
    const [rows, cols, inner] = [40, 2049, 4096];
    const b = new PlanBuilder(2);
    const x = b.input('x', 0, { ring: 16, size: rows * inner });
    const y = b.input('y', 1, { ring: 16, size: cols * inner });
    const used = [12, 32].map((rows) => b.input(`${rows}`, 0, { ring: 16, size: rows * cols + 4 }));
    for (const [i, wire] of used.entries()) b.reveal(wire, [0], `used ${i}`);
    b.stage();
    b.reveal(b.matmul(x, y, { rows, cols, inner }), [0], 'z');
    const plan = b.build();
    const words = (size: number, step: number): Uint16Array => new Uint16Array(size).map((_, i) => Math.imul(i, step));
    const [xs, ys] = [words(rows * inner, 7919), words(cols * inner, 40503)];
    const any = (rows: number): Uint8Array => new Uint8Array(2 * (rows * cols + 4));
    const inputs = { x: bytesOf(xs), y: bytesOf(ys), 12: any(12), 32: any(32) };
    const { outputs } = await runSecure(plan, inputs);
    const product = new Uint16Array(outputs[0]!.z!.buffer);
    for (const col of [0, 1, 7, cols - 1]) {
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += Math.imul(xs[row * inner + k]!, ys[col * inner + k]!) & 65535;
        expect(product[row * cols + col], `row ${row}, column ${col}`).toBe(sum & 65535);
      }
    }
  });

  test('a comparison of 64 bits takes 3 rounds and 39 bits', () => {
    const b = new PlanBuilder(2);
    const x = b.input('x', 0, { ring: 64, size: 800 });
    b.reveal(b.lessThanZero(x), [0], 'negative');
    const cost = planCost(b.build());
    expect(cost.rounds).toBe(4);
    expect(cost.openedBytes).toBe(39 * 100);
    expect(cost.answerKeyBytes).toBeLessThanOrEqual(44 * 800);
  });

  test('a test for zero takes 3 rounds, 21 bits and 37 bytes of answer key', () => {
    const b = new PlanBuilder(2);
    const x = b.input('x', 0, { ring: 64, size: 800 });
    b.reveal(b.isZero(x), [0], 'zero');
    const cost = planCost(b.build());
    expect(cost.rounds).toBe(4);
    expect(cost.openedBytes).toBe(21 * 100);
    expect(cost.answerKeyBytes).toBeLessThanOrEqual(37 * 800);
  });
});
