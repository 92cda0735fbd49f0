import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalBytes, fromUtf8, parseCanonical, utf8 } from '../src/index.ts';
import { runs, vectors } from './vectors.ts';

const notCanonical = expect.objectContaining({ code: 'not-canonical' });
const { accepted, refused } = vectors<{
  accepted: { name: string; input: string; canonical: string }[];
  refused: { name: string; text: string }[];
}>('canonical-json-rfc8785');

test.each(accepted)('RFC 8785: $name', ({ input, canonical }) => {
  expect(fromUtf8(canonicalBytes(JSON.parse(input)))).toBe(canonical);
  expect(parseCanonical(utf8(canonical))).toEqual(JSON.parse(input));
});

test.each(refused)('refuses $name', ({ text }) => {
  expect(() => parseCanonical(Buffer.from(text))).toThrow(notCanonical);
});

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger().map((n) => n + 0),
    fc.string({ unit: 'grapheme' }).map((text) => text.normalize('NFC')),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string({ maxLength: 4 }).filter((key) => key !== '__proto__'),
      tie('value'),
    ),
  ),
})).value;

test('every value has one encoding, which decodes to it', () => {
  fc.assert(
    fc.property(value, (v) => {
      const bytes = canonicalBytes(v);
      const parsed = parseCanonical(bytes);
      expect(canonicalBytes(parsed)).toEqual(bytes);
      expect(parsed).toEqual(JSON.parse(JSON.stringify(v)));
    }),
    runs(200),
  );
});

test('one changed byte is refused or gives another value', () => {
  fc.assert(
    fc.property(value, fc.nat(), fc.integer({ min: 1, max: 255 }), (v, at, flip) => {
      const bytes = canonicalBytes(v);
      const changed = bytes.slice();
      changed[at % bytes.length]! ^= flip;
      let parsed: unknown;
      try {
        parsed = parseCanonical(changed);
      } catch (error) {
        expect(error).toEqual(notCanonical);
        return;
      }
      expect(canonicalBytes(parsed)).toEqual(changed);
    }),
    runs(300),
  );
});

test.each([
  ['undefined', undefined],
  ['an undefined member', { a: undefined }],
  ['a hole', new Array(1)],
  ['a bigint', 1n],
  ['a function', () => 1],
  ['a date', new Date(0)],
  ['bytes', new Uint8Array(1)],
  ['a map', new Map()],
  ['an own toJSON', { toJSON: () => 1 }],
  ['a boxed number', new Number(1)],
])('%s cannot be encoded', (_, v) => {
  expect(() => canonicalBytes(v)).toThrow(notCanonical);
});
