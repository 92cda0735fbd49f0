import { insecureTestRng, readU64 } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Wire } from '../src/index.ts';
import {
  keyRows,
  PlanBuilder,
  pack,
  planCost,
  runClear,
  segmentedFirst,
  segmentedSum,
  segmentStarts,
  sortBy,
  unpack,
} from '../src/index.ts';
import { runSecure, seeds } from './network.ts';

const ring = (bits: 16 | 32 | 64, size: number) => ({ kind: 'ring', bits, size }) as const;
const dice = (seed: number) => {
  const rng = insecureTestRng(seed);
  return (below: bigint): bigint => readU64(rng(8)) % below;
};
const upTo = (rows: number): number[] => Array.from({ length: rows }, (_, i) => i);
const runs = process.env.SLOW ? 200 : 15;

describe('sort', () => {
  test('by words of several parties, stable, with columns of every kind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        async (parties, rows, width, digit, seed) => {
          const below = dice(seed);
          // Few different keys of those that are wide, so that some are equal.
          const keys = upTo(rows).map(() => below(1n << BigInt(width)) & (seed % 2 ? -1n : 0x8001n));
          const row = width <= 8 ? 8 : width <= 16 ? 16 : width <= 32 ? 32 : 64;
          const b = new PlanBuilder(parties);
          const key = b.inputBits('key', seed % parties, row * rows);
          const flag = b.inputBits('flag', parties - 1, rows);
          const place = b.input('place', 0, { ring: 32, size: rows });
          const pair = b.input('pair', 1, { ring: 64, size: 2 * rows });
          const sorted = sortBy(b, [{ wire: key, width }], [place, key, flag, pair], rows, digit);
          for (const [i, wire] of sorted.entries()) b.reveal(wire, [i % parties], `r${i}`);
          const keyBytes = new Uint8Array((rows * row) / 8);
          for (const [i, value] of keys.entries()) {
            for (let k = 0; k < row / 8; k++) keyBytes[(i * row) / 8 + k] = Number((value >> BigInt(8 * k)) & 255n);
          }
          const inputs = {
            key: keyBytes,
            flag: pack(
              { kind: 'bits', size: rows },
              keys.map((value) => value & 1n),
            ),
            place: pack(ring(32, rows), upTo(rows).map(BigInt)),
            pair: pack(
              ring(64, 2 * rows),
              upTo(2 * rows).map((i) => BigInt(i + 7) << 40n),
            ),
          };
          const order = upTo(rows).sort((x, y) => (keys[x]! < keys[y]! ? -1 : keys[x]! > keys[y]! ? 1 : x - y));
          const plan = b.build();
          const { outputs } = await runSecure(plan, inputs, seeds(parties, seed & 65535));
          expect(runClear(plan, inputs)).toEqual(Object.assign({}, ...outputs));
          const shown = Object.assign({}, ...outputs) as Record<string, Uint8Array>;
          expect(unpack(ring(32, rows), shown.r0!).map(Number)).toEqual(order);
          expect(unpack({ kind: 'bits', size: rows }, shown.r2!)).toEqual(order.map((i) => keys[i]! & 1n));
          expect(unpack(ring(64, 2 * rows), shown.r3!).map((x) => Number(x >> 40n) - 7)).toEqual(
            order.flatMap((i) => [2 * i, 2 * i + 1]),
          );
        },
      ),
      { numRuns: runs },
    );
  });

  test('by two keys, computed words among them; the first counts before the second', async () => {
    for (const rows of [1, 5, 8, 100]) {
      const below = dice(rows);
      const [x, y] = [upTo(rows).map(() => below(4n)), upTo(rows).map(() => below(1000n))];
      const b = new PlanBuilder(2);
      const words = [b.input('x', 0, { ring: 32, size: rows }), b.input('y', 1, { ring: 32, size: rows })] as const;
      const keys = [keyRows(b, words[0], [0, 1]), keyRows(b, b.add(words[1], words[0]), upTo(11))];
      const [place] = sortBy(b, keys, [b.linear([[1n, words[0]]])], rows) as [Wire];
      b.reveal(place, [1], 'x');
      const [again] = sortBy(b, keys, [words[1]], rows) as [Wire];
      b.reveal(again, [1], 'y');
      const inputs = { x: pack(ring(32, rows), x), y: pack(ring(32, rows), y) };
      const { outputs } = await runSecure(b.build(), inputs);
      const order = upTo(rows).sort((i, j) => Number(x[i]! - x[j]! || x[i]! + y[i]! - x[j]! - y[j]! || BigInt(i - j)));
      expect(unpack(ring(32, rows), outputs[1]!.x!)).toEqual(order.map((i) => x[i]));
      expect(unpack(ring(32, rows), outputs[1]!.y!)).toEqual(order.map((i) => y[i]));
    }
  });

  test('costs what it says: rounds, openings, shuffled bytes, answer key', () => {
    const rows = 1000;
    for (const parties of [2, 3]) {
      const b = new PlanBuilder(parties);
      const key = b.inputBits('key', 0, 64 * rows);
      sortBy(b, [{ wire: key, width: 4 }], [key], rows, 2);
      const cost = planCost(b.build());
      expect(cost.rounds).toBe(2 * (parties + 3));
      expect(cost.openedBytes).toBe(2 * rows * (4 * 3 + 8));
      expect(cost.answerKeyBytes).toBe(2 * rows * (4 * 7 + 8));
      expect(cost.sentBytes[0]![1]).toBe(2 * rows * 4);
      expect(cost.sentBytes[parties - 1]![0]).toBe(2 * rows * 12);
    }
  });
});

describe('segments', () => {
  test('starts, sums and firsts, of any length', async () => {
    for (const rows of [1, 2, 3, 8, 33, 100]) {
      const below = dice(rows);
      const keys = upTo(rows)
        .map(() => below(rows > 50 ? 3n : 12n))
        .sort((x, y) => Number(x - y));
      const values = upTo(rows).map(() => below(1000n) - 500n);
      const b = new PlanBuilder(3);
      const key = b.input('key', 0, { ring: 32, size: rows });
      const value = b.input('value', 1, { ring: 64, size: rows, range: [-500n, 500n] });
      const starts = segmentStarts(b, key);
      b.reveal(starts, [2], 'starts');
      b.reveal(segmentedSum(b, value, starts), [2], 'sum');
      b.reveal(segmentedFirst(b, value, starts), [2], 'first');
      const plan = b.build();
      const inputs = { key: pack(ring(32, rows), keys), value: pack(ring(64, rows), values) };
      const { outputs } = await runSecure(plan, inputs);
      expect(outputs[2]).toEqual(runClear(plan, inputs));
      const start = (i: number): number => keys.indexOf(keys[i]!);
      const shown = (name: string) => unpack(ring(64, rows), outputs[2]![name]!).map((word) => BigInt.asIntN(64, word));
      expect(unpack({ kind: 'bits', size: rows }, outputs[2]!.starts!)).toEqual(
        upTo(rows).map((i) => (start(i) === i ? 1n : 0n)),
      );
      expect(shown('first')).toEqual(upTo(rows).map((i) => values[start(i)]));
      expect(shown('sum')).toEqual(
        upTo(rows).map((i) => values.slice(start(i), i + 1).reduce((sum, word) => sum + word, 0n)),
      );
    }
  });
});
