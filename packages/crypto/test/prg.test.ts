import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, hex, hkdf, insecureTestRng, Prg, systemRng, utf8 } from '../src/index.ts';
import { runs } from './vectors.ts';

const seed = insecureTestRng('prg').call(undefined, 32);
const length = 400_000;

function slice(start: number, end: number, label = 'x'): Uint8Array {
  const out = new Uint8Array(end - start);
  new Prg(seed).stream(label).fill(out, start);
  return out;
}

describe('Prg', () => {
  const whole = slice(0, length);

  test('is AES-128 of the block numbers, big-endian, under HKDF(seed, label)', () => {
    const aes = createCipheriv('aes-128-ecb', hkdf(seed, new Uint8Array(0), utf8('x'), 16), null).setAutoPadding(false);
    for (const block of [0, 1, 8191, 8192, 24_999]) {
      const counter = Buffer.alloc(16);
      counter.writeUInt32BE(block, 12);
      expect(hex(whole.subarray(16 * block, 16 * block + 16))).toBe(aes.update(counter).toString('hex'));
    }
  });

  test('any slice agrees with the whole, whatever was asked before', () => {
    const stream = new Prg(seed).stream('x');
    const place = fc.tuple(fc.nat(length), fc.oneof(fc.nat(100), fc.nat(length)));
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 4 }), (places) => {
        for (const [start, size] of places) {
          const end = Math.min(start + size, length);
          const out = new Uint8Array(end - start);
          stream.fill(out, start);
          expect(Buffer.compare(out, whole.subarray(start, end))).toBe(0);
        }
      }),
      runs(60),
    );
  });

  test('goes on where it stopped', () => {
    const stream = new Prg(seed).stream('x');
    const parts = [1, 15, 16, 17, 200_000, 3].reduce<{ at: number; parts: Uint8Array[] }>(
      ({ at, parts }, size) => {
        const out = new Uint8Array(size);
        stream.fill(out, at);
        return { at: at + size, parts: [...parts, out] };
      },
      { at: 0, parts: [] },
    ).parts;
    const joined = concat(...parts);
    expect(Buffer.compare(joined, whole.subarray(0, joined.length))).toBe(0);
  });

  test('reaches far positions and fills views of shared memory', () => {
    const far = 2 ** 40 + 5;
    expect(slice(far, far + 40).subarray(11)).toEqual(slice(far + 11, far + 40));
    const shared = new Uint8Array(new SharedArrayBuffer(64), 8, 40);
    new Prg(seed).stream('x').fill(shared, 3);
    expect(hex(new Uint8Array(shared))).toBe(hex(whole.subarray(3, 43)));
  });

  test('labels and seeds give unrelated streams', () => {
    const other = new Uint8Array(32);
    new Prg(systemRng(32)).stream('x').fill(other, 0);
    expect(new Set([slice(0, 32), slice(0, 32, 'y'), other].map(hex)).size).toBe(3);
  });

  test('is dead after zeroise, and refuses impossible positions', () => {
    const prg = new Prg(seed);
    const stream = prg.stream('x');
    for (const position of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => stream.fill(new Uint8Array(1), position)).toThrow(RangeError);
    }
    stream.fill(new Uint8Array(1), 0);
    prg.zeroise();
    expect(() => stream.fill(new Uint8Array(1), 1)).toThrow('zeroised');
    expect(() => prg.stream('x')).toThrow('zeroised');
    expect(() => new Prg(new Uint8Array(16))).toThrow(RangeError);
  });

  test('copies its seed', () => {
    const own = seed.slice();
    const prg = new Prg(own);
    own.fill(0);
    const out = new Uint8Array(16);
    prg.stream('x').fill(out, 0);
    expect(out).toEqual(whole.slice(0, 16));
  });
});

test('the test generator repeats itself, however it is cut', () => {
  const [a, b] = [insecureTestRng(7), insecureTestRng(7)];
  expect(concat(a(3), a(0), a(30))).toEqual(b(33));
  expect(insecureTestRng(8)(8)).not.toEqual(insecureTestRng(7)(8));
});
