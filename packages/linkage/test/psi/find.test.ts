import { insecureTestRng, toEnd } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findRows, firstRowsOf, partBits, partRows, type Values } from '../../src/psi/find.ts';
import { NONE } from '../../src/psi/keys.ts';

const kernels = createKernels();

interface Given {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly present: Uint8Array;
}

/** The same in the arena. */
function placed({ bytes, width, present }: Given): Values {
  const { arena } = kernels;
  const [ptr, there] = [arena.alloc(bytes.length), arena.alloc(present.length)];
  arena.bytes(ptr, bytes.length).set(bytes);
  arena.bytes(there, present.length).set(present);
  return { ptr, rows: present.length, width, present: there };
}

function found(own: Given, others: Given): number[] {
  const out = new Uint32Array(others.present.length);
  const asked = toEnd(partRows(kernels, placed(others), partBits(own.present.length)));
  toEnd(findRows(kernels, placed(own), asked, out));
  kernels.arena.zeroise();
  return [...out];
}

/** Values by number: `pick` says which stands in a row, NONE that none does. */
function valuesOf(pick: readonly number[], width: number, seed: string): Given {
  const pool = insecureTestRng(seed)(width * 6000);
  const bytes = new Uint8Array(width * pick.length);
  for (const [row, k] of pick.entries())
    if (k !== NONE) bytes.set(pool.subarray(width * k, width * (k + 1)), width * row);
  return { bytes, width, present: Uint8Array.from(pick, (k) => (k === NONE ? 0 : 1)) };
}

const widths = fc.constantFrom(6, 7, 8, 10, 12, 13, 16, 32);
const size = fc.oneof(fc.nat(40), fc.nat(9000), fc.constant(20_000));

/** `n` numbers below `most`, some of them NONE. */
function picks(n: number, most: number, seed: string): number[] {
  const words = new Uint32Array(insecureTestRng(seed)(4 * n).buffer);
  return Array.from(words, (word) => (word % 11 === 0 ? NONE : word % most));
}

test('of rows with equal bytes the first is found, however many there are', () => {
  const property = fc.property(size, fc.integer({ min: 1, max: 6000 }), widths, fc.string(), (n, most, width, seed) => {
    const numbers = picks(n, most, seed);
    const first = new Map<number, number>();
    for (const [row, k] of numbers.entries()) if (!first.has(k)) first.set(k, row);
    const expected = numbers.map((k) => (k === NONE ? NONE : first.get(k)!));
    expect([...toEnd(firstRowsOf(kernels, valuesOf(numbers, width, seed)))]).toEqual(expected);
    expect(kernels.arena.used).toBe(0);
  });
  fc.assert(property, { numRuns: process.env.SLOW ? 500 : 25 });
});

test('a row with equal bytes is found for as many as ask, and none for any other', () => {
  const property = fc.property(size, size, widths, fc.string(), (n, asked, width, seed) => {
    // Each value once, every second is there.
    const own = Array.from({ length: Math.min(n, 6000) }, (_, row) => (row % 2 === 0 ? row : NONE));
    const others = picks(asked, Math.max(1, own.length), seed);
    const out = found(valuesOf(own, width, seed), valuesOf(others, width, seed));
    expect(out).toEqual(others.map((k) => (k === NONE || own[k] === undefined ? NONE : own[k])));
  });
  fc.assert(property, { numRuns: process.env.SLOW ? 500 : 25 });
});

test('others that all begin alike, as a peer may send them, are looked up all the same', () => {
  const own = valuesOf(
    Array.from({ length: 6000 }, (_, row) => row),
    10,
    'own',
  );
  const bytes = new Uint8Array(10 * 50_000);
  for (let row = 0; row < 50_000; row++) bytes.set(own.bytes.subarray(0, 9), 10 * row);
  bytes.set(own.bytes.subarray(0, 10), 10 * 49_999);
  const out = found(own, { bytes, width: 10, present: new Uint8Array(50_000).fill(1) });
  const last = own.bytes[9]!;
  expect(out[49_999]).toBe(0);
  expect(out.filter((row) => row !== NONE)).toHaveLength(last === 0 ? 50_000 : 1);
});
