import { expect, test } from 'vitest';
import { requireSame } from '../src/run/stated.ts';

const own = { kind: 'run', rows: { a: 1, b: 2 }, matches: null };

test('a peer’s statement is the same whatever the order of its fields', () => {
  requireSame('fred', { matches: null, rows: { b: 2, a: 1 }, kind: 'run' }, own);
});

test.each([
  ['another value', { ...own, matches: 1 }, 'fred states another matches for this run'],
  ['a field that is missing', { kind: 'run', rows: own.rows }, 'fred states another matches for this run'],
  ['a field too many, though statements may have it', { ...own, purpose: 'TREAT' }, 'fred states more about this run'],
  ['no object', null, 'fred states another kind for this run'],
  ['a list', [own], 'fred states another kind for this run'],
])('%s is not signed', (_, stated, message) => {
  expect(() => requireSame('fred', stated, own)).toThrow(
    expect.objectContaining({ code: 'peer-disagrees', culprit: 'fred', message: expect.stringContaining(message) }),
  );
});
