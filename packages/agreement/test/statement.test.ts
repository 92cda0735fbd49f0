import { base64url, sha256, utf8 } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import {
  agreementHash,
  cosignStatement,
  draftAgreement,
  signAgreement,
  signStatement,
  verifyAgreement,
  verifyStatement,
} from '../src/index.ts';
import { agreement, hospital, insurer, keys, terms } from './samples.ts';

const hash = (text: string) => base64url(sha256(utf8(text)));
const code = (expected: string) => expect.objectContaining({ code: expected });
const verified = verifyAgreement(signAgreement(agreement, insurer.signing));
const statement = {
  agreement: agreementHash(agreement),
  initiator: 'insurer',
  purpose: 'HRESCH' as const,
  session: hash('session'),
  sessions: 1,
  program: hash('program'),
  transcript: hash('transcript'),
  released: hash('released'),
  rows: { a: 10, b: 20 },
  matches: 7,
  attempt: 'A1',
  date: '2026-11-22T12:00:00Z',
};
const one = signStatement(statement, insurer.signing);

test('counts once both holders of the tables have signed', () => {
  const both = cosignStatement(one, hospital.signing);
  expect(verifyStatement(both, verified)).toEqual({ kind: 'run', version: 1, ...statement });
  expect(both).toEqual(cosignStatement(signStatement(statement, hospital.signing), insurer.signing));
});

test('does not count with one signature, a stranger’s, or about another agreement', () => {
  expect(() => verifyStatement(one, verified)).toThrow(code('document-signer'));
  expect(() => verifyStatement(cosignStatement(one, keys.signing), verified)).toThrow(code('document-signer'));
  const elsewhere = verifyAgreement(signAgreement(draftAgreement({ ...terms, title: 'Another' }), insurer.signing));
  expect(() => verifyStatement(cosignStatement(one, hospital.signing), elsewhere)).toThrow(code('hash-mismatch'));
});

test('parties that state different things do not make one statement', () => {
  const both = cosignStatement(one, hospital.signing);
  const other = cosignStatement(signStatement({ ...statement, matches: 8 }, hospital.signing), insurer.signing);
  for (const own of [0, 1]) {
    const mixed = both.signatures.map((entry, i) => (i === own ? entry : other.signatures[i]!));
    expect(() => verifyStatement({ ...both, signatures: mixed }, verified)).toThrow(code('bad-signature'));
  }
});

test('a malformed statement is not signed', () => {
  for (const change of [
    { matches: -1 },
    { session: 'x' },
    { sessions: 0 },
    { date: '2026-11-22' },
    { attempt: 'a b' },
    { purpose: 'fun' as 'HRESCH' },
    { rows: { a: 1, b: 0.5 } },
  ]) {
    expect(() => signStatement({ ...statement, ...change }, insurer.signing)).toThrow(code('bad-document'));
  }
});
