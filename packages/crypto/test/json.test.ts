import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalBytes, checkCanonical, equalBytes, fromUtf8, parseCanonical, utf8 } from '../src/index.ts';
import { isPlainCanonical } from '../src/json-scan.ts';
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

describe('the scan for plain canonical JSON', () => {
  const scanned = (text: string): boolean => isPlainCanonical(utf8(text), 32);
  const canonical = (bytes: Uint8Array): boolean => {
    try {
      return equalBytes(canonicalBytes(JSON.parse(fromUtf8(bytes))), bytes);
    } catch {
      return false;
    }
  };

  test.each(refused.map(({ name, text }) => [name, text]))('does not take %s', (_, text) => {
    expect(isPlainCanonical(Buffer.from(text), 32)).toBe(false);
    expect(() => checkCanonical(Buffer.from(text))).toThrow(notCanonical);
  });

  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false, 0, 999_999_999_999_999),
      fc.integer().map((n) => n + 0),
      fc.string().map((text) => text.replace('\x7f', '')),
      fc.constant('"\\\b\f\n\r\t/'),
      fc.array(tie('value')),
      fc.dictionary(
        fc.stringMatching(/^[a-z_ ]{0,4}$/).filter((key) => key !== '__proto__'),
        tie('value'),
      ),
    ),
  })).value;

  test('takes what is plain', () => {
    fc.assert(
      fc.property(plain, (v) => {
        expect(isPlainCanonical(canonicalBytes(v), 32)).toBe(true);
      }),
      runs(200),
    );
  });

  test('takes nothing that is not canonical, whatever bytes were changed, put in or taken out', () => {
    const bits = fc.stringMatching(/^[[\]{}",:\\0-9a-zA-Z_. \t-]{0,6}$/);
    let taken = 0;
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat({ max: 4 }), bits, (v, at, gone, put) => {
        const bytes = [...canonicalBytes(v)];
        bytes.splice(at % bytes.length, gone, ...utf8(put));
        const changed = Uint8Array.from(bytes);
        if (!isPlainCanonical(changed, 32)) return;
        taken++;
        expect(canonical(changed)).toBe(true);
      }),
      runs(3000),
    );
    expect(taken).toBeGreaterThan(0);
  });

  test.each([
    '',
    '{',
    '[',
    '"',
    '"\\',
    '-',
    '{"a"',
    '{"a":',
    '{"a":1',
    '[1,',
    '[1,]',
    '{,}',
    '01',
    '-0',
    '-01',
    '1.0',
    '1e3',
    '1 ',
    ' 1',
    'nul',
    'nulls',
    'tru',
    '{"b":1,"a":2}',
    '{"a":1,"a":2}',
    '{"ab":1,"a":2}',
    '{"__proto__":1}',
    '"\\/"',
    '"\\u000a"',
    '"\n"',
    '[1][2]',
    '{"a":1}{"b":2}',
    '9007199254740993',
  ])('does not take %j', (text) => {
    expect(scanned(text)).toBe(false);
  });

  test('counts levels as the parser does', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect([scanned(nested(32)), scanned(nested(33))]).toEqual([true, false]);
    expect(() => checkCanonical(utf8(nested(32)))).not.toThrow();
    expect(() => checkCanonical(utf8(nested(33)))).toThrow(notCanonical);
  });
});
