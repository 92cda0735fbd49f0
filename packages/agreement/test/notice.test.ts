import { canonicalBytes, documentBytes, parseDocument, signDocument } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  agreementHash,
  draftAgreement,
  lastOf,
  type Notice,
  requireNext,
  signNotice,
  verifyNotice,
} from '../src/index.ts';
import { agreement, hospital, insurer, keys, terms } from './samples.ts';

const hash = agreementHash(agreement);
const now = new Date('2026-12-01T12:00:00Z');
const terse = {
  agreement: hash,
  by: 'hospital',
  action: 'suspend',
  reason: 'The ethics board meets again',
  sequence: 1,
  at: '2026-12-01T11:59:00Z',
} as const;
const notice = (change: Partial<Notice> = {}): Notice => ({ kind: 'notice', version: 1, ...terse, ...change });
const code = (name: string) => expect.objectContaining({ code: name });

describe('a notice', () => {
  const document = signNotice(terse, hospital.signing);

  test('is its author’s, about one agreement', () => {
    expect(verifyNotice(parseDocument(documentBytes(document)), { agreement, hash })).toEqual(notice());
  });

  test('about another agreement is none about this one', () => {
    const other = draftAgreement({ ...terms, title: 'Another' });
    expect(() => verifyNotice(document, { agreement: other, hash: agreementHash(other) })).toThrow(
      code('hash-mismatch'),
    );
  });

  test.each([
    ['by another party', () => signNotice(terse, insurer.signing), 'document-signer'],
    ['by another key of its author', () => signNotice(terse, hospital.organisation), 'document-signer'],
    ['by somebody who is no party', () => signNotice({ ...terse, by: 'keys' }, keys.signing), 'agreement-party'],
    ['as another kind of document', () => signDocument('symbolon-run', notice(), hospital.signing), 'document-type'],
  ])('signed %s is refused', (_, make, refusal) => {
    expect(() => verifyNotice(make(), { agreement, hash })).toThrow(code(refusal));
  });

  test('that was changed is refused', () => {
    const payload = Buffer.from(canonicalBytes(notice({ action: 'resume' }))).toString('base64url');
    expect(() => verifyNotice({ ...document, payload }, { agreement, hash })).toThrow(code('bad-signature'));
  });

  test.each<[string, Partial<Record<keyof Notice, unknown>>]>([
    ['sequence', { sequence: 0 }],
    ['sequence', { sequence: 1000 }],
    ['sequence', { sequence: 1001, action: 'revoke' }],
    ['action', { action: 'forget' }],
    ['reason', { reason: '' }],
    ['reason', { reason: 'two\nlines' }],
    ['at', { at: '2026-12-01' }],
    ['at', { at: '2026-12-01T11:59:00+01:00' }],
    ['agreement', { agreement: 'x' }],
    ['by', { by: 'The hospital' }],
    ['notice', { more: 1 } as never],
  ])('with another %s is malformed: %j', (culprit, change) => {
    const make = () => signNotice({ ...terse, ...change } as Notice, hospital.signing);
    expect(make).toThrow(expect.objectContaining({ code: 'bad-document', culprit }));
    const forced = signDocument('symbolon-notice', { ...notice(), ...change }, hospital.signing);
    expect(() => verifyNotice(forced, { agreement, hash })).toThrow(code('bad-document'));
  });
});

describe('the order of notices', () => {
  const next =
    (one: Notice, before: Notice[], signed = true) =>
    () =>
      requireNext(one, { before, signed, now });
  const first = notice({ sequence: 3 });

  test('a party suspends and resumes, again and again, and ends it for good', () => {
    const way = ['suspend', 'resume', 'suspend', 'revoke'] as const;
    way.forEach((action, i) => {
      const before = way.slice(0, i).map((earlier, j) => notice({ action: earlier, sequence: j + 1 }));
      expect(next(notice({ action, sequence: i + 1 }), before)).not.toThrow();
    });
    // Each party counts for itself.
    expect(next(notice({ by: 'insurer' }), [first])).not.toThrow();
    expect(lastOf([notice({ sequence: 2 }), first, notice({ by: 'insurer', sequence: 9 })], 'hospital')).toBe(first);
  });

  test.each<[string, Notice, Notice[], boolean, RegExp]>([
    ['a replay', first, [first], true, /does not follow its notice 3/],
    ['an older one', notice({ sequence: 2, action: 'resume' }), [first], true, /does not follow its notice 3/],
    [
      'a back-dated one',
      notice({ sequence: 4, action: 'resume', at: '2026-12-01T11:58:59Z' }),
      [first],
      true,
      /dated before/,
    ],
    ['one dated ahead', notice({ at: '2026-12-01T13:00:01Z' }), [], true, /more than an hour ahead/],
    ['to resume what is not suspended', notice({ action: 'resume' }), [], true, /no suspension/],
    [
      'to resume what another has suspended',
      notice({ action: 'resume', by: 'insurer' }),
      [first],
      true,
      /no suspension/,
    ],
    ['to suspend twice', notice({ sequence: 4 }), [first], true, /follows one to suspend/],
    [
      'to resume what its author has revoked',
      notice({ action: 'resume', sequence: 4 }),
      [notice({ action: 'revoke' })],
      true,
      /final/,
    ],
    ['to revoke twice', notice({ action: 'revoke', sequence: 4 }), [notice({ action: 'revoke' })], true, /final/],
    ['to decline what is signed', notice({ action: 'decline' }), [], true, /comes after its signature/],
  ])('refuses %s', (_, one, before, signed, message) => {
    expect(next(one, before, signed)).toThrow(
      expect.objectContaining({ code: 'notice-order', culprit: one.by, message: expect.stringMatching(message) }),
    );
  });
});
