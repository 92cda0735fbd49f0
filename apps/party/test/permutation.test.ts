import { insecureTestRng, randomOrder } from '@symbolon/crypto';
import type { LinkResult } from '@symbolon/linkage';
import { expect, test } from 'vitest';
import { permuteRows } from '../src/link/permutation.ts';
import { releasedHash } from '../src/link/released.ts';
import { ByteReader } from '../src/run/byte-reader.ts';

test('every order of four is as likely as every other', () => {
  const rng = insecureTestRng('orders');
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = randomOrder(4, rng).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  // χ² with 23 degrees of freedom: above 49.7 once in a thousand; the generator is fixed, so this is no matter of luck.
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chi).toBeLessThan(49.7);
});

test('rows move as the order says', () => {
  expect(permuteRows(Uint8Array.of(1, 2, 3, 4, 5, 6), Uint32Array.of(2, 0, 1))).toEqual(
    Uint8Array.of(5, 6, 1, 2, 3, 4),
  );
  expect(randomOrder(1, insecureTestRng(1))).toEqual(Uint32Array.of(0));
});

test('results hash by content, order and both salts', () => {
  const pairs = (a: number, b: number): LinkResult => ({ kind: 'pairs', a: Uint32Array.of(a), b: Uint32Array.of(b) });
  const salts = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;
  const hash = releasedHash(pairs(1, 2), salts);
  expect(releasedHash(pairs(1, 2), salts)).toEqual(hash);
  expect(releasedHash(pairs(2, 1), salts)).not.toEqual(hash);
  expect(releasedHash(pairs(1, 2), [salts[1], salts[0]])).not.toEqual(hash);
  const count = (count: number) => releasedHash({ kind: 'count', count }, salts);
  expect(count(2)).toEqual(count(2));
  expect(count(2)).not.toEqual(count(3));
});

async function* chunks(...sizes: number[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const size of sizes) yield Uint8Array.from({ length: size }, () => next++ & 255);
}

test.each([[1], [7], [64]])('a stream is read in exact pieces, reading %i bytes ahead', async (ahead) => {
  const reader = new ByteReader(chunks(5, 0, 3, 12), 'keys', ahead);
  expect([...(await reader.read(4)), ...(await reader.read(0)), ...(await reader.read(16))]).toEqual(
    Array.from({ length: 20 }, (_, i) => i),
  );
  await reader.end();
});

test('a stream that is too short, too long or broken says so', async () => {
  await expect(new ByteReader(chunks(3), 'keys').read(4)).rejects.toMatchObject({
    code: 'frame-shape',
    culprit: 'keys',
  });
  const long = new ByteReader(chunks(4, 1), 'keys');
  await long.read(4);
  await expect(long.end()).rejects.toMatchObject({ code: 'frame-too-long' });
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1);
    throw new Error('broken');
  };
  await expect(new ByteReader(broken(), 'keys').read(2)).rejects.toThrow('broken');
});
