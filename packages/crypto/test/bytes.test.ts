import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  base64,
  base64url,
  concat,
  discard,
  equalBytes,
  errorCodes,
  fault,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  hex,
  readU32,
  readU64,
  u32,
  u64,
  utf8,
} from '../src/index.ts';
import { runs } from './vectors.ts';

const shape = expect.objectContaining({ code: 'frame-shape' });
const bytes = fc.uint8Array({ maxLength: 80 });

test('memory is given back where an array is large and has it to itself', () => {
  const arrays = [new Uint8Array(2 ** 16), new Uint8Array(2 ** 16).subarray(1), new Uint8Array(8)];
  for (const array of arrays) discard(array);
  expect(arrays.map(({ length }) => length)).toEqual([0, 2 ** 16 - 1, 8]);
});

test('codecs are inverse to each other', () => {
  fc.assert(
    fc.property(bytes, (b) => {
      for (const [to, from] of [
        [hex, fromHex],
        [base64, fromBase64],
        [base64url, fromBase64url],
      ] as const) {
        expect(from(to(b))).toEqual(b);
      }
    }),
    runs(100),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(fromUtf8(utf8(text))).toBe(text);
    }),
    runs(100),
  );
});

test('what a decoder accepts, its encoder would have written', () => {
  const text = fc.string({ unit: fc.constantFrom(...'abAF09+/-_= \n'), maxLength: 8 });
  fc.assert(
    fc.property(text, (candidate) => {
      for (const [to, from] of [
        [hex, fromHex],
        [base64, fromBase64],
        [base64url, fromBase64url],
      ] as const) {
        let decoded: Uint8Array;
        try {
          decoded = from(candidate);
        } catch (error) {
          expect(error).toEqual(shape);
          continue;
        }
        expect(to(decoded)).toBe(candidate);
      }
    }),
    runs(500),
  );
});

test.each(['AB', 'QQ==', 'QR', 'Q', 'Q Q', '+/+/'])('base64url refuses %j', (text) => {
  expect(() => fromBase64url(text)).toThrow(shape);
});

test('UTF-8 is strict and keeps a byte order mark', () => {
  for (const malformed of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xff], [0xe2, 0x82]]) {
    expect(() => fromUtf8(Uint8Array.from(malformed))).toThrow(shape);
  }
  expect(() => utf8('\ud800')).toThrow(shape);
  expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
});

test('integers are little-endian and bounded', () => {
  expect(u32(0x01020304)).toEqual(Uint8Array.of(4, 3, 2, 1));
  expect(readU64(concat(u32(7), u64(2n ** 64n - 1n)), 4)).toBe(2n ** 64n - 1n);
  expect(readU32(u32(0xffffffff))).toBe(0xffffffff);
  for (const value of [-1, 2 ** 32, 1.5, Number.NaN]) expect(() => u32(value)).toThrow(RangeError);
  for (const value of [-1, 2n ** 64n, 1.5]) expect(() => u64(value)).toThrow(RangeError);
  for (const at of [1, -1, 0.5]) expect(() => readU32(u32(1), at)).toThrow(shape);
});

test('equalBytes compares content and length', () => {
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
});

test('every error code has a status, a meaning and a hint', () => {
  for (const [code, entry] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(entry.status, code).toBeGreaterThanOrEqual(400);
    expect(entry.status, code).toBeLessThan(600);
    expect(entry.meaning, code).toMatch(/^[A-Z].*\.$/);
    expect(entry.hint, code).toMatch(/^[A-Z].*\.$/);
  }
  const error = fault('peer-gone', 'sally hung up', { culprit: 'sally' });
  expect(error).toMatchObject({ code: 'peer-gone', culprit: 'sally', status: 502, hint: errorCodes['peer-gone'].hint });
});
