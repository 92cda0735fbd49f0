import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, createKernels, panelBytes } from '../src/index.ts';

const GIB = 2 ** 30;

describe('arena', () => {
  test('blocks are aligned, apart, and accounted for', () => {
    const request = fc.record({ bytes: fc.integer({ min: 0, max: 5000 }), free: fc.option(fc.nat()) });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 60 }), (requests) => {
        const arena = new Arena();
        const live: { ptr: number; bytes: number }[] = [];
        for (const { bytes, free } of requests) {
          const ptr = arena.alloc(bytes);
          expect(ptr % 64).toBe(0);
          expect(ptr).toBeGreaterThanOrEqual(65536);
          const end = ptr + Math.ceil(bytes / 64) * 64;
          for (const other of live) {
            expect(end <= other.ptr || ptr >= other.ptr + Math.ceil(other.bytes / 64) * 64).toBe(true);
          }
          live.push({ ptr, bytes });
          if (free !== null) arena.free(live.splice(free % live.length, 1)[0]!.ptr);
        }
        expect(arena.used).toBeGreaterThanOrEqual(live.reduce((sum, { bytes }) => sum + bytes, 0));
        for (const { ptr } of live) arena.free(ptr);
        expect(arena.used).toBe(0);
        expect(arena.peak).toBeGreaterThanOrEqual(64);
      }),
      { numRuns: 20 },
    );
  });

  test('a freed block is used again', () => {
    const arena = new Arena();
    const first = arena.alloc(1000);
    arena.alloc(1000);
    arena.free(first);
    expect(arena.alloc(990)).toBe(first);
  });

  test('large blocks do not all start in the same cache set', () => {
    const arena = new Arena();
    const starts = Array.from({ length: 20 }, () => arena.alloc(32768) % 4096);
    expect(new Set(starts).size).toBe(20);
  });

  test('freeing twice, or what was never allocated, throws', () => {
    const arena = new Arena();
    const ptr = arena.alloc(10);
    arena.free(ptr);
    expect(() => arena.free(ptr)).toThrow(RangeError);
    expect(() => arena.free(ptr + 64)).toThrow(/no live block starts at/);
  });

  test('what is no size throws', () => {
    for (const bytes of [-1, 1.5, Number.NaN, Infinity]) expect(() => new Arena().alloc(bytes)).toThrow(RangeError);
  });

  test('beyond 4 GiB it says what was asked for and what is live; a large free block is cut up', () => {
    const arena = new Arena();
    const large = arena.alloc(3 * GIB);
    expect(() => arena.alloc(GIB)).toThrow(`arena: ${GIB} bytes asked for while ${arena.used} are live`);
    arena.free(large);
    const half = arena.alloc(GIB);
    expect(half).toBe(large);
    const rest = arena.alloc(1.75 * GIB);
    expect(rest).toBeGreaterThan(large + GIB);
    expect(rest + 1.75 * GIB).toBeLessThanOrEqual(large + 3 * GIB + 64);
  });

  test('zeroise overwrites everything and frees it', () => {
    const arena = new Arena();
    const [kept, freed] = [arena.alloc(100), arena.alloc(100)];
    for (const ptr of [kept, freed]) arena.bytes(ptr, 128).fill(7);
    arena.free(freed);
    arena.zeroise();
    expect(arena.used).toBe(0);
    expect(arena.bytes(kept, freed + 128 - kept).every((byte) => byte === 0)).toBe(true);
    expect(() => arena.free(kept)).toThrow(RangeError);
  });
});

describe('addresses above 2 GiB', () => {
  // A JavaScript number becomes a signed integer on its way into WebAssembly.
  const { abi, arena } = createKernels();
  arena.alloc(2.5 * GIB);

  test('element-wise', () => {
    const [a, out] = [arena.alloc(800), arena.alloc(800)];
    expect(a).toBeGreaterThan(2 ** 31);
    arena.u64(a, 100).fill(3n);
    abi.mul64(out, a, a, 100);
    expect(abi.sum64(out, 100)).toBe(900n);
  });

  test('fold and matrix product', () => {
    const [a, out, tables] = [arena.alloc(400), arena.alloc(400), arena.alloc(16)];
    arena.u32(a, 100).fill(5);
    arena.u32(tables, 3).set([a, 0, 1]);
    abi.fill32(out, 0, 100);
    abi.fold32(out, tables, tables + 4, 2, 1, 100);
    // 2 · (Δ·0 − 1)
    expect(abi.sum32(out, 100)).toBe(2 ** 32 - 200);
    const panel = arena.alloc(panelBytes(32, 10, 10));
    abi.pack32(panel, a, 10, 10);
    abi.gemm32(out, a, panel, 10, 10, 10);
    expect(abi.sum32(out, 100)).toBe(100 * 250);
  });
});

test('memory is touched where the next blocks come from, and what is live stays as it is', () => {
  const arena = new Arena();
  const ptr = arena.alloc(100);
  arena.bytes(ptr, 100).fill(7);
  arena.touch(5_000_000);
  expect(arena.memory.buffer.byteLength).toBeGreaterThanOrEqual(5_000_000);
  expect(arena.used).toBe(128);
  expect(new Set(arena.bytes(ptr, 100))).toEqual(new Set([7]));
  const { byteLength } = arena.memory.buffer;
  expect(arena.alloc(4_000_000)).toBe(ptr + 128);
  expect(arena.memory.buffer.byteLength).toBe(byteLength);
});
