import { type Arena, createKernels, createTwin, type Kernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ArrivingOkvs,
  decodeOkvs,
  encodeOkvs,
  insecureTestRng,
  okvsBytes,
  okvsParameters,
  orderOkvs,
  type Rng,
  requireOkvsBytes,
  SymbolonError,
  toEnd,
} from '../src/index.ts';
import { runs } from './vectors.ts';

const wasm = createKernels();
const blockCounts = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 16 }));

function store(arena: Arena, bytes: Uint8Array): number {
  const ptr = arena.alloc(bytes.length);
  arena.bytes(ptr, bytes.length).set(bytes);
  return ptr;
}

/** Encodes n random keys and reads them back. */
function roundTrip(kernels: Kernels, n: number, blocks: number, random: Rng) {
  const { arena } = kernels;
  const [valueBytes, bytes] = [16 * blocks * n, okvsBytes(n, blocks)];
  const [rows, values] = [store(arena, random(64 * n)), store(arena, random(valueBytes))];
  const [slots, out] = [arena.alloc(bytes), arena.alloc(valueBytes)];
  const encoded = toEnd(encodeOkvs({ kernels, rows, values, n, blocks, slots, random }));
  toEnd(decodeOkvs({ kernels, rows, n, slots: { ptr: slots, bytes, keys: n, blocks }, out }));
  const result = {
    encoded,
    values: arena.bytes(values, valueBytes).slice(),
    decoded: arena.bytes(out, valueBytes).slice(),
    slots: arena.bytes(slots, bytes).slice(),
  };
  for (const ptr of [rows, values, slots, out]) arena.free(ptr);
  return result;
}

describe('an OKVS', () => {
  test('gives back every value, for any number of keys, and leaves nothing in the arena', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(20), fc.nat(70_000)), blockCounts, fc.string(), (n, blocks, seed) => {
        const { encoded, values, decoded } = roundTrip(wasm, n, blocks, insecureTestRng(seed));
        expect(encoded).toBe(true);
        expect(Buffer.compare(decoded, values)).toBe(0);
        expect(wasm.arena.used).toBe(0);
      }),
      runs(15),
    );
  });

  test('gives every value while its slots arrive, and touches none that is not there', () => {
    const { arena } = wasm;
    const pieces = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 12 });
    const property = fc.property(fc.nat(9000), blockCounts, pieces, fc.string(), (n, blocks, sizes, seed) => {
      const random = insecureTestRng(seed);
      const [valueBytes, bytes] = [16 * blocks * n, okvsBytes(n, blocks)];
      const [rows, values] = [store(arena, random(64 * n)), store(arena, random(valueBytes))];
      const [sent, slots, out] = [arena.alloc(bytes), arena.alloc(bytes), arena.alloc(valueBytes)];
      expect(toEnd(encodeOkvs({ kernels: wasm, rows, values, n, blocks, slots: sent, random }))).toBe(true);
      const order = toEnd(orderOkvs({ kernels: wasm, rows, n, keys: n }));
      // What has not arrived is noise.
      arena.bytes(slots, bytes).set(random(bytes));
      const shape = { ptr: slots, bytes, keys: n, blocks };
      const arriving = new ArrivingOkvs({ kernels: wasm, rows, n, order, slots: shape, out });
      for (let at = 0, turn = 0; at < bytes; turn++) {
        const to = Math.min(bytes, at + 16 * sizes[turn % sizes.length]!);
        arena.bytes(slots + at, to - at).set(arena.bytes(sent + at, to - at));
        toEnd(arriving.decodeUpTo(to));
        at = to;
      }
      expect(Buffer.compare(arena.bytes(out, valueBytes), arena.bytes(values, valueBytes))).toBe(0);
      for (const ptr of [rows, values, sent, slots, out, order]) arena.free(ptr);
      expect(arena.used).toBe(0);
    });
    fc.assert(property, runs(15));
  });

  test('is the same where the order of its rows is made once, for both ways', () => {
    const n = 5000;
    const random = insecureTestRng('order');
    const { arena } = wasm;
    const [rows, values] = [store(arena, random(64 * n)), store(arena, random(16 * n))];
    const bytes = okvsBytes(n);
    const [slots, out] = [arena.alloc(bytes), arena.alloc(16 * n)];
    const order = toEnd(orderOkvs({ kernels: wasm, rows, n, keys: n }));
    const own = { kernels: wasm, rows, n, values };
    const encoded = (given?: number): Uint8Array => {
      const fresh = insecureTestRng('slots');
      expect(toEnd(encodeOkvs({ ...own, slots, random: fresh, order: given }))).toBe(true);
      return arena.bytes(slots, bytes).slice();
    };
    expect(encoded(order)).toEqual(encoded());
    toEnd(decodeOkvs({ kernels: wasm, rows, n, slots: { ptr: slots, bytes, keys: n }, out, order }));
    expect(arena.bytes(out, 16 * n)).toEqual(arena.bytes(values, 16 * n));
    for (const ptr of [rows, values, slots, out, order]) arena.free(ptr);
    expect(arena.used).toBe(0);
  });

  test('is the same with the twin', () => {
    for (const [n, blocks] of [
      [0, 1],
      [1, 1],
      [2, 16],
      [257, 2],
      [600, 1],
      [600, 5],
    ] as const) {
      const [ours, theirs] = [wasm, createTwin()].map((kernels) => roundTrip(kernels, n, blocks, insecureTestRng(n)));
      expect(ours).toEqual(theirs);
    }
  });

  test('of wide values is that of each of their blocks', () => {
    const { arena } = wasm;
    const [n, blocks] = [3000, 3];
    const bytes = okvsBytes(n, blocks);
    const rows = store(arena, insecureTestRng('rows')(64 * n));
    const wide = insecureTestRng('values')(16 * blocks * n);
    const noise = insecureTestRng('noise')(bytes);
    const encode = (values: Uint8Array, count: number, free: Uint8Array) => {
      const slots = arena.alloc(free.length);
      let used = 0;
      const random: Rng = (size) => {
        used += size;
        return free.slice(used - size, used);
      };
      const input = { kernels: wasm, rows, values: store(arena, values), n, blocks: count, slots, random };
      expect(toEnd(encodeOkvs(input))).toBe(true);
      return arena.bytes(slots, free.length).slice();
    };
    const block = (of: Uint8Array, at: number) =>
      Uint8Array.from({ length: of.length / blocks }, (_, i) => of[16 * (blocks * (i >> 4) + at) + (i & 15)]!);
    const encoded = encode(wide, blocks, noise);
    for (let at = 0; at < blocks; at++) {
      expect(Buffer.compare(block(encoded, at), encode(block(wide, at), 1, block(noise, at)))).toBe(0);
    }
    arena.zeroise();
  });

  test('takes as much memory as its documentation says', () => {
    const kernels = createKernels();
    const [n, blocks] = [100_000, 5];
    const [slots, values, random] = [okvsParameters(n).slots, 16 * blocks, insecureTestRng('memory')];
    expect(roundTrip(kernels, n, blocks, random).encoded).toBe(true);
    const own = slots * (48 + values) + 16 * n;
    const given = (64 + 2 * values) * n + slots * values;
    // The arena rounds a block up by a quarter at most.
    expect(kernels.arena.peak).toBeLessThan(1.25 * (own + given) + 2 ** 17);
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
    expect(() => requireOkvsBytes({ bytes: okvsBytes(1000), keys: 1000, blocks: 2 })).toThrow(SymbolonError);
    expect(() => requireOkvsBytes({ bytes: okvsBytes(1000), keys: 1000 })).not.toThrow();
    expect(() => requireOkvsBytes({ bytes: 2 * okvsBytes(1000), keys: 1000, blocks: 2 })).not.toThrow();
  });
});

test('the shape of a store', () => {
  expect([0, 1, 100, 2 ** 16, 2 ** 20, 2 ** 24].map((n) => okvsParameters(n).slots)).toEqual([
    256, 257, 363, 71_034, 1_143_203, 18_455_193,
  ]);
  for (const n of [-1, 0.5, 2 ** 24 + 1, Number.NaN]) expect(() => okvsParameters(n)).toThrow(RangeError);
  for (const blocks of [0, -1, 1.5, 17, Number.NaN]) expect(() => okvsBytes(1, blocks)).toThrow(RangeError);
});

/** χ² of the bytes against the uniform distribution, 255 degrees of freedom: above 400 with probability 10^−8. */
function chiSquare(bytes: Uint8Array): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte]!++;
  const mean = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}
