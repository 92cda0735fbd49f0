import { runClear, unpack } from '@symbolon/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runSecure } from '../../../engine/test/network.ts';
import { logRankSummary, survivalTable } from '../../src/index.ts';
import { type SurvivalShape, survivalCounts } from '../../src/survival/counts.ts';
import { mantelFractions, mantelSums } from '../../src/survival/mantel.ts';
import { groupRows } from '../../src/survival/rows.ts';
import { runs } from '../statistics/runs.ts';
import { inputsOf, type Lane, lanesOf, planOf } from './lanes.ts';

const sumsPlan = (size: number, shape: SurvivalShape) =>
  planOf(size, shape, (b, lanes) => {
    const most = BigInt(size);
    const sums = mantelSums(b, groupRows(b, survivalCounts(b, lanes, shape), shape, most), most);
    b.reveal(sums.expected, [0], 'expected');
    b.reveal(sums.covariance, [0], 'covariance');
  });

function read(shown: Readonly<Record<string, Uint8Array>>, size: number) {
  const fractions = mantelFractions(BigInt(size));
  const numbers = (name: string, fraction: number) =>
    unpack({ kind: 'ring', bits: 64, size: shown[name]!.length / 8 }, shown[name]!).map(
      (word) => Number(BigInt.asIntN(64, word)) / 2 ** fraction,
    );
  return { expected: numbers('expected', fractions.expected), covariance: numbers('covariance', 2 * fractions.share) };
}

function clear(lanes: readonly Lane[], groups: number) {
  const counted = lanes.filter(({ weight }) => weight);
  const names = Array.from({ length: groups }, (_, g) => String(g));
  const table = survivalTable(
    {
      time: counted.map(({ time }) => time),
      event: counted.map(({ event }) => event),
      group: counted.map(({ group }) => String(group)),
    },
    names,
    counted.length === 0 ? [0] : undefined,
  );
  const { expected, covariance } = logRankSummary(table);
  return { expected: expected.slice(0, -1), covariance: covariance.slice(0, -1).flatMap((row) => row.slice(0, -1)) };
}

describe('sums of the log-rank test', () => {
  test('as in the clear: ties, empty groups, no events, no weights', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 5 })
          .chain((groups) => fc.record({ groups: fc.constant(groups), lanes: lanesOf(20, groups, 60) })),
        ({ groups, lanes }) => {
          const shape = { from: 3, to: 22, groups };
          const shown = read(runClear(sumsPlan(lanes.length, shape), inputsOf(lanes, shape)), lanes.length);
          const { expected, covariance } = clear(lanes, groups);
          for (const [i, value] of expected.entries()) expect(Math.abs(shown.expected[i]! - value)).toBeLessThan(1e-6);
          for (const [i, value] of covariance.entries())
            expect(Math.abs(shown.covariance[i]! - value)).toBeLessThan(1e-5);
        },
      ),
      runs(60),
    );
  });

  test('by two parties and a dealer', async () => {
    const lanes = fc.sample(lanesOf(100, 3, 300), { numRuns: 1, seed: 5 })[0]!;
    const shape = { from: 0, to: 99, groups: 3 };
    const { outputs } = await runSecure(sumsPlan(lanes.length, shape), inputsOf(lanes, shape));
    const shown = read(outputs[0]!, lanes.length);
    const { expected, covariance } = clear(lanes, 3);
    for (const [i, value] of expected.entries()) expect(shown.expected[i]).toBeCloseTo(value, 6);
    for (const [i, value] of covariance.entries()) expect(shown.covariance[i]).toBeCloseTo(value, 5);
  });
});
