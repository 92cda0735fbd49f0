import { type Arena, createKernels, createTwin, type Kernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeOkvs,
  encodeOkvs,
  insecureTestRng,
  okvsBytes,
  okvsParameters,
  type Rng,
  requireOkvsBytes,
  SymbolonError,
  toEnd,
} from '../src/index.ts';
import { runs } from './vectors.ts';

const wasm = createKernels();

function store(arena: Arena, bytes: Uint8Array): number {
  const ptr = arena.alloc(bytes.length);
  arena.bytes(ptr, bytes.length).set(bytes);
  return ptr;
}

/** Encodes n random keys and reads them back, then others. */
function roundTrip(kernels: Kernels, n: number, random: Rng) {
  const { arena } = kernels;
  const [rows, values] = [store(arena, random(64 * n)), store(arena, random(16 * n))];
  const [slots, out] = [arena.alloc(okvsBytes(n)), arena.alloc(16 * n)];
  const encoded = toEnd(encodeOkvs({ kernels, rows, values, n, slots, random }));
  toEnd(decodeOkvs({ kernels, rows, n, slots: { ptr: slots, bytes: okvsBytes(n), keys: n }, out }));
  const result = {
    encoded,
    values: arena.bytes(values, 16 * n).slice(),
    decoded: arena.bytes(out, 16 * n).slice(),
    slots: arena.bytes(slots, okvsBytes(n)).slice(),
  };
  for (const ptr of [rows, values, slots, out]) arena.free(ptr);
  return result;
}

describe('an OKVS', () => {
  test('gives back every value, for any number of keys, and leaves nothing in the arena', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(20), fc.nat(70_000)), fc.string(), (n, seed) => {
        const { encoded, values, decoded } = roundTrip(wasm, n, insecureTestRng(seed));
        expect(encoded).toBe(true);
        expect(Buffer.compare(decoded, values)).toBe(0);
        expect(wasm.arena.used).toBe(0);
      }),
      runs(15),
    );
  });

  test('is the same with the twin', () => {
    for (const n of [0, 1, 2, 257, 600]) {
      const [ours, theirs] = [wasm, createTwin()].map((kernels) => roundTrip(kernels, n, insecureTestRng(n)));
      expect(ours).toEqual(theirs);
    }
  });

  test('is read by any number of keys, in any order', () => {
    const { arena } = wasm;
    const [n, few] = [50_000, 40];
    const random = insecureTestRng('few');
    const [rowBytes, valueBytes] = [random(64 * n), random(16 * n)];
    const [rows, values, slots] = [store(arena, rowBytes), store(arena, valueBytes), arena.alloc(okvsBytes(n))];
    expect(toEnd(encodeOkvs({ kernels: wasm, rows, values, n, slots, random }))).toBe(true);
    const chosen = Array.from({ length: few }, (_, i) => (i * 31_337) % n);
    const pick = (bytes: Uint8Array, size: number) =>
      new Uint8Array(Buffer.concat(chosen.map((k) => bytes.subarray(size * k, size * (k + 1)))));
    const [asked, out] = [store(arena, pick(rowBytes, 64)), arena.alloc(16 * few)];
    const read = { ptr: slots, bytes: okvsBytes(n), keys: n };
    toEnd(decodeOkvs({ kernels: wasm, rows: asked, n: few, slots: read, out }));
    expect(Buffer.compare(arena.bytes(out, 16 * few), pick(valueBytes, 16))).toBe(0);
    arena.zeroise();
  });

  test('is refused when a key occurs twice, and frees its memory', () => {
    const { arena } = wasm;
    const n = 500;
    const random = insecureTestRng('twice');
    const bytes = random(64 * n);
    bytes.copyWithin(64 * 77, 64 * 400, 64 * 400 + 40);
    const [rows, values, slots] = [store(arena, bytes), store(arena, random(16 * n)), arena.alloc(okvsBytes(n))];
    expect(toEnd(encodeOkvs({ kernels: wasm, rows, values, n, slots, random }))).toBe(false);
    for (const ptr of [rows, values, slots]) arena.free(ptr);
    expect(arena.used).toBe(0);
  });

  test('frees its memory when it is given up half-way', () => {
    const { arena } = wasm;
    const random = insecureTestRng('given up');
    const rows = store(arena, random(64 * 100));
    const steps = encodeOkvs({ kernels: wasm, rows, values: rows, n: 100, slots: arena.alloc(okvsBytes(100)), random });
    const before = arena.used;
    steps.next();
    expect(arena.used).toBeGreaterThan(before);
    steps.return(false);
    expect(arena.used).toBe(before);
    arena.zeroise();
  });

  test('looks uniformly random, even for values that are all zero; what it says of other keys, too', () => {
    const { arena } = wasm;
    const n = 20_000;
    const random = insecureTestRng('uniform');
    const [rows, others] = [store(arena, random(64 * n)), store(arena, random(64 * n))];
    const [values, slots, out] = [arena.alloc(16 * n), arena.alloc(okvsBytes(n)), arena.alloc(16 * n)];
    arena.bytes(values, 16 * n).fill(0);
    expect(toEnd(encodeOkvs({ kernels: wasm, rows, values, n, slots, random }))).toBe(true);
    const read = { ptr: slots, bytes: okvsBytes(n), keys: n };
    toEnd(decodeOkvs({ kernels: wasm, rows: others, n, slots: read, out }));
    expect(chiSquare(arena.bytes(slots, okvsBytes(n)))).toBeLessThan(400);
    expect(chiSquare(arena.bytes(out, 16 * n))).toBeLessThan(400);
    expect(chiSquare(arena.bytes(values, 16 * n))).toBeGreaterThan(400);
    arena.zeroise();
  });

  test('of the wrong length is a named error of the peer', () => {
    for (const bytes of [0, okvsBytes(1000) - 16, okvsBytes(1000) + 1, okvsBytes(1001)]) {
      const attempt = () => requireOkvsBytes({ bytes, keys: 1000 }, 'sally');
      expect(attempt).toThrow(SymbolonError);
      expect(attempt).toThrow(expect.objectContaining({ code: 'frame-shape', culprit: 'sally' }));
      const slots = { ptr: 0, bytes, keys: 1000 };
      expect(() => toEnd(decodeOkvs({ kernels: wasm, rows: 0, n: 5, slots, out: 0 }))).toThrow(
        expect.objectContaining({ code: 'frame-shape' }),
      );
    }
    expect(() => requireOkvsBytes({ bytes: okvsBytes(1000), keys: 1000 })).not.toThrow();
  });
});

test('the shape of a store', () => {
  expect([0, 1, 100, 2 ** 16, 2 ** 20, 2 ** 24].map((n) => okvsParameters(n).slots)).toEqual([
    256, 257, 363, 71_034, 1_143_203, 18_455_193,
  ]);
  for (const n of [-1, 0.5, 2 ** 24 + 1, Number.NaN]) expect(() => okvsParameters(n)).toThrow(RangeError);
});

/** χ² of the bytes against the uniform distribution, 255 degrees of freedom: above 400 with probability 10^−8. */
function chiSquare(bytes: Uint8Array): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte]!++;
  const mean = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}
