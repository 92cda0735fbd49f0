import { Prg, systemRng } from '@symbolon/crypto';
import type { Channel } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PsiSession, psiCost } from '../../src/index.ts';
import { NONE } from '../../src/psi/keys.ts';
import { Meetings, mostPairs } from '../../src/psi/meetings.ts';
import { channelPair, keysOf, tuples } from './run.ts';

const bytesOf = (...numbers: number[]): Uint8Array => new Uint8Array(Uint32Array.from(numbers).buffer);

/** An honest sender of these keys, and a receiver of `receiver` rows that answers with these frames. */
async function hostileReceiver(keys: (string | null)[], receiver: number, ...answers: Uint8Array[]): Promise<unknown> {
  const rows = [receiver, keys.length] as const;
  const { channels } = channelPair();
  const [peer, channel] = channels as [Channel, Channel];
  const masks = { own: new Prg(systemRng(32)), pairs: [] };
  const name = (): string => 'st-luke';
  const session = new PsiSession({ rows, index: 1, channel, kernels: createKernels(), masks, rng: systemRng, name });
  for (const bytes of [32, 32, psiCost(rows).vectorBytes]) await peer.send(1, systemRng(bytes));
  await session.exchange(keysOf(keys), systemRng(32));
  for (const answer of answers) await peer.send(1, answer);
  const steps = session.evaluate();
  for (;;) {
    const step = await steps.next();
    if (step.done) return tuples(step.value);
  }
}

describe('a hostile peer', () => {
  const keys = ['x', 'y', 'x', null];
  const fits = bytesOf(2, NONE, NONE, NONE);

  test('whose answers could be true is believed', async () => {
    const pairs = await hostileReceiver(keys, 4, fits, bytesOf(NONE, NONE, NONE, 2));
    expect(pairs).toEqual([
      [2, 0],
      [2, 2],
      [3, 0],
      [3, 2],
    ]);
  });

  test.each([
    ['a row that there is not', [bytesOf(4, NONE, NONE, NONE)]],
    ['one row for two keys', [bytesOf(1, 1, NONE, NONE)]],
    ['a row for one that repeats a key', [bytesOf(0, NONE, 1, NONE)]],
    ['a row for one without key', [bytesOf(0, NONE, NONE, 1)]],
    ['a first row that there is not', [fits, bytesOf(NONE, NONE, NONE, 9)]],
    ['a first row that is no first', [fits, bytesOf(NONE, NONE, 1, 2)]],
    ['a first row that is not before', [fits, bytesOf(2, NONE, NONE, NONE)]],
    ['a row as its own first', [fits, bytesOf(NONE, NONE, 2, NONE)]],
    ['a first row that did not meet', [fits, bytesOf(NONE, 0, NONE, NONE)]],
  ])('that names %s is refused', async (_, answers) => {
    const told = hostileReceiver(keys, 4, ...answers);
    await expect(told).rejects.toMatchObject({ code: 'frame-shape', culprit: 'st-luke' });
  });
});

test('pairs are bounded before any is made', () => {
  const n = 4096;
  const meetings = new Meetings([n, n], new Uint32Array(n).fill(NONE).fill(0, 0, 1));
  const all = meetings.sharers(0, new Uint32Array(n));
  expect(n * n).toBeGreaterThan(mostPairs);
  expect(() => meetings.pairs([all, all])).toThrow(/16777216 pairs with equal keys/);
});

test('what is made of any numbers keeps within the tables, or is refused', () => {
  const number = fc.oneof(fc.nat(6), fc.constant(NONE));
  const rows = fc.array(number, { minLength: 6, maxLength: 6 }).map((row) => Uint32Array.from(row));
  fc.assert(
    fc.property(rows, rows, rows, (numbers, a, b) => {
      try {
        const meetings = new Meetings([6, 6], numbers);
        meetings.requireSharers(0, a);
        meetings.requireSharers(1, b);
        const pairs = tuples(meetings.pairs([a, b])).map(String);
        expect(new Set(pairs).size).toBe(pairs.length);
        expect(pairs).toEqual(pairs.toSorted());
      } catch (error) {
        expect(String(error)).toMatch(/named a row|let two rows/);
      }
    }),
    { numRuns: 2000 },
  );
});
