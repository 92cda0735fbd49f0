import { createKernels } from '@symbolon/kernels';
import { describe, expect, test } from 'vitest';
import type { Wire } from '../src/index.ts';
import { PlanBuilder, planCost, runClear } from '../src/index.ts';
import type { Opening } from '../src/ops/operation.ts';
import { byteLength } from '../src/plan/types.ts';
import { addFrame, frameBytes, hopsOf, writeFrame } from '../src/round.ts';
import { runSecure } from './network.ts';

const words = 150_000;

/** A plan whose only round opens more than a frame: words of each width, and bits that end inside a byte. */
function large(parties: number) {
  const b = new PlanBuilder(parties);
  const pair = (ring: 16 | 64): [Wire, Wire] => {
    const of = (owner: number): Wire => b.input(`x${ring}${owner}`, owner, { ring, size: words });
    return [of(0), of(1)];
  };
  const [long, short] = [pair(64), pair(16)];
  const bits = [0, 1].map((owner) => b.inputBits(`b${owner}`, owner, 1003)) as [Wire, Wire];
  b.reveal(b.multiply(...long), [2], 'z64');
  b.reveal(b.multiply(...short), [0, 2], 'z16');
  b.reveal(b.and(...bits), [1], 'and');
  const some = (size: number, seed: number): Uint8Array =>
    new Uint8Array(size).map((_, i) => Math.imul(i + seed, 40503) >> 7);
  const inputs = {
    x640: some(8 * words, 1),
    x641: some(8 * words, 2),
    x160: some(2 * words, 3),
    x161: some(2 * words, 4),
    b0: some(126, 5),
    b1: some(126, 6),
  };
  return { plan: b.build(), inputs };
}

describe('a round that opens more than a frame', () => {
  test.each([3, 4])('gives all the sums, and costs what is announced: %i parties', async (parties) => {
    const { plan, inputs } = large(parties);
    const { outputs, frames, sessions } = await runSecure(plan, inputs);
    const clear = runClear(plan, inputs);
    expect(Object.fromEntries(outputs.flatMap((learned) => Object.entries(learned)))).toEqual(clear);
    const cost = planCost(plan);
    expect(cost).toMatchObject({ rounds: 3, openedBytes: 0 });
    for (let from = 0; from < parties; from++) {
      let total = 0;
      for (let to = 0; to < parties; to++) {
        if (from === to) continue;
        const sent = frames.filter((frame) => frame.from === from && frame.to === to);
        const bytes = sent.reduce((sum, { frame }) => sum + frame.length, 0);
        const plain = 32 + cost.inputBytes[from]! + cost.revealedBytes[to]!;
        expect(bytes).toBe(plain + cost.sentBytes[from]![to]!);
        total += bytes - plain;
        expect(sessions[from]!.transcript(to)).toEqual(sessions[to]!.transcript(from));
      }
      // Two Nths of the opening to each peer, up to a line a piece.
      expect(Math.abs(total / (parties - 1) - (2 * (10 * words + 126)) / parties)).toBeLessThan(3 * 2 * 64 * parties);
    }
  });

  test('shows a party other shares of its own piece only', () => {
    const parties = 3;
    const kernels = createKernels();
    const type = { kind: 'ring', bits: 64, size: words } as const;
    const opening: Opening = { type, delta: kernels.arena.alloc(byteLength(type)), lambda: 0 };
    const [shares, sums] = hopsOf([opening], parties) as [Opening[], Opening[]];
    const bytes = [0, 1, 2].map((to) => frameBytes(shares, (to + 1) % parties, to));
    expect(bytes.reduce((x, y) => x + y)).toBe(byteLength(type));
    kernels.arena.u64(opening.delta, words).fill(1n);
    const frame = kernels.arena.alloc(bytes[1]!);
    kernels.arena.u64(frame, bytes[1]! / 8).fill(2n);
    for (const from of [0, 2]) addFrame(kernels, shares, from, 1, frame);
    const added = kernels.arena.u64(opening.delta, words);
    const [start, end] = [bytes[0]! / 8, (bytes[0]! + bytes[1]!) / 8];
    expect(added.every((word, i) => word === (i >= start && i < end ? 5n : 1n))).toBe(true);
    // What it tells the others is the sum.
    expect(new BigUint64Array(writeFrame(kernels, sums, 1, 0).buffer).every((word) => word === 5n)).toBe(true);
  });

  test('is one round for two parties, or where a frame suffices', () => {
    const of = (size: number): Opening[] => [{ type: { kind: 'bits', size }, delta: 0, lambda: 0 }];
    expect(hopsOf(of(2 ** 24), 2)).toHaveLength(1);
    expect(hopsOf(of(2 ** 23), 3)).toHaveLength(1);
    expect(hopsOf(of(2 ** 23 + 8), 3)).toHaveLength(2);
  });
});
