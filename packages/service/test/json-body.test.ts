import { utf8 } from '@symbolon/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonBody } from '../src/json-body.ts';

const refused = expect.objectContaining({ code: 'request-invalid', culprit: 'body' });
const text = fc.oneof(fc.constantFrom('a', '"', '\\', '":', 'a\\"b', ' ', ':'), fc.string({ maxLength: 5 }));
const needsEscape = (name: string) => JSON.stringify(name).includes('\\');
function keysOf(value: unknown): string[] {
  const keys: string[] = [];
  JSON.stringify(value, (key, member) => {
    keys.push(key);
    return member;
  });
  return keys;
}
const key = text.filter((name) => !needsEscape(name));

test('what JSON.stringify writes is read as it was, however it is spaced', () => {
  const value = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' }).filter((one) => {
    const text = JSON.stringify(one);
    return !/__proto__|constructor|\d{16}|e\+/.test(text) && !keysOf(one).some(needsEscape);
  });
  fc.assert(
    fc.property(value, fc.constantFrom(0, 1, '\t', ' \n'), (one, space) => {
      expect(readJsonBody(utf8(JSON.stringify(one, null, space)))).toEqual(JSON.parse(JSON.stringify(one)));
    }),
  );
});

test('a key twice is found, whatever keys and values hold', () => {
  fc.assert(
    fc.property(fc.uniqueArray(key, { minLength: 1, maxLength: 6 }), text, fc.nat(), (keys, text, at) => {
      const members = keys.map((name) => `${JSON.stringify(name)} : ${JSON.stringify(text)}`);
      expect(() => readJsonBody(utf8(`{${members.join(',')}}`))).not.toThrow();
      const twice = members.toSpliced(at % (members.length + 1), 0, members[at % members.length]!);
      expect(() => readJsonBody(utf8(`[{${twice.join(',')}}]`))).toThrow(refused);
    }),
  );
});

test('a key with an escape is refused', () => {
  fc.assert(
    fc.property(text.filter(needsEscape), (name) => {
      expect(() => readJsonBody(utf8(JSON.stringify([{ a: 1, [name]: 1 }])))).toThrow(refused);
    }),
  );
  for (const body of ['{"\\u0061":1}', '{"a":"\\u0061","b\\"":1}']) {
    expect(() => readJsonBody(utf8(body))).toThrow('write it in UTF-8');
  }
  expect(readJsonBody(utf8('{"a":"\\u0061","ä":"\\""}'))).toEqual({ a: 'a', ä: '"' });
});

test('is read in one pass, whatever is sent', () => {
  const long = 2_000_000;
  for (const text of ['\\'.repeat(long), '\\"'.repeat(long / 2)]) {
    expect(readJsonBody(utf8(`{"a":"${text}"}`))).toHaveProperty('a');
  }
  expect(readJsonBody(utf8(`{"a"${' '.repeat(long)}:1}`))).toEqual({ a: 1 });
});
