import { createPublicKey } from 'node:crypto';
import { generalVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  addSignature,
  base64url,
  canonicalBytes,
  claimedSigners,
  documentBytes,
  documentHash,
  type ErrorCode,
  fromBase64url,
  generateSigningKey,
  insecureTestRng,
  parseDocument,
  type SignedDocument,
  signDocument,
  unverifiedPayload,
  utf8,
  verifyDocument,
} from '../src/index.ts';

const rng = insecureTestRng('documents');
const [anna, bert, carl] = [generateSigningKey(rng), generateSigningKey(rng), generateSigningKey(rng)];
const payload = { kind: 'test', amount: '1.50', who: ['Änne', 'Bert'] };
const doc = addSignature(signDocument('symbolon-test', payload, anna), bert);
const both = [anna.publicKey, bert.publicKey];
const code = (expected: ErrorCode) => expect.objectContaining({ code: expected });

function withHeader(change: Record<string, unknown>, key = anna): SignedDocument {
  const header = base64url(utf8(JSON.stringify({ alg: 'Ed25519', kid: key.keyId, typ: 'symbolon-test', ...change })));
  const text = doc.payload;
  return {
    payload: text,
    signatures: [{ protected: header, signature: base64url(key.sign(utf8(`${header}.${text}`))) }],
  };
}

describe('signed documents', () => {
  test('verify with exactly their signers, in any order of signing', () => {
    expect(verifyDocument('symbolon-test', doc, both)).toEqual(payload);
    expect(verifyDocument('symbolon-test', doc, both.toReversed())).toEqual(payload);
    expect(addSignature(signDocument('symbolon-test', payload, bert), anna)).toEqual(doc);
    expect(addSignature(doc, anna)).toEqual(doc);
    expect(claimedSigners(doc)).toEqual([anna.keyId, bert.keyId].sort());
    expect(unverifiedPayload(doc)).toEqual(payload);
  });

  test('are JWS that jose accepts, each signature', async () => {
    for (const key of [anna, bert]) {
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url(key.publicKey) };
      const one = doc.signatures.filter((entry) => claimedSigners({ ...doc, signatures: [entry] })[0] === key.keyId);
      const result = await generalVerify(
        { payload: doc.payload, signatures: one },
        createPublicKey({ key: jwk, format: 'jwk' }),
      );
      expect(new Uint8Array(result.payload)).toEqual(canonicalBytes(payload));
      expect(result.protectedHeader).toEqual({ alg: 'Ed25519', kid: key.keyId, typ: 'symbolon-test' });
    }
  });

  test('keep their hash when others sign', () => {
    expect(documentHash(doc)).toEqual(documentHash(signDocument('symbolon-test', payload, carl)));
    expect(documentHash(doc)).not.toEqual(
      documentHash(signDocument('symbolon-test', { ...payload, amount: '1.5' }, anna)),
    );
  });

  test('travel as canonical bytes', () => {
    expect(parseDocument(documentBytes(doc))).toEqual(doc);
    expect(parseDocument(Buffer.concat([documentBytes(doc), Buffer.from('\n')]))).toEqual(doc);
    expect(() => parseDocument(utf8(JSON.stringify(doc, null, 1)))).toThrow(code('not-canonical'));
  });

  const [first, second] = doc.signatures as [SignedDocument['signatures'][0], SignedDocument['signatures'][0]];
  const nonCanonical = base64url(utf8('{"b":1, "a":2}'));
  const cheats: [string, unknown, Uint8Array[], ErrorCode][] = [
    ['a signer missing', signDocument('symbolon-test', payload, anna), both, 'document-signer'],
    ['a signer too many', addSignature(doc, carl), both, 'document-signer'],
    ['another signer', signDocument('symbolon-test', payload, carl), [anna.publicKey], 'document-signer'],
    ['the same signature twice', { ...doc, signatures: [first, first] }, both, 'document-signer'],
    ['signatures in another order', { ...doc, signatures: [second, first] }, both, 'not-canonical'],
    ['another kind of document', signDocument('symbolon-other', payload, anna), [anna.publicKey], 'document-type'],
    [
      'another payload',
      { ...doc, payload: base64url(canonicalBytes({ ...payload, amount: '2' })) },
      both,
      'bad-signature',
    ],
    [
      'swapped signatures',
      {
        ...doc,
        signatures: [
          { ...first, signature: second.signature },
          { ...second, signature: first.signature },
        ],
      },
      both,
      'bad-signature',
    ],
    ['a short signature', { ...doc, signatures: [{ ...first, signature: 'AAAA' }, second] }, both, 'bad-signature'],
    ['algorithm none', withHeader({ alg: 'none' }), [anna.publicKey], 'bad-document'],
    ['algorithm EdDSA', withHeader({ alg: 'EdDSA' }), [anna.publicKey], 'bad-document'],
    ['another kid in the header', withHeader({ kid: bert.keyId }), [bert.publicKey], 'bad-signature'],
    ['an extra header member', withHeader({ zip: 'DEF' }), [anna.publicKey], 'bad-document'],
    [
      'a header in another order',
      { ...doc, signatures: [{ ...first, protected: nonCanonical }] },
      both,
      'not-canonical',
    ],
    ['padding in the payload', { ...doc, payload: `${doc.payload}=` }, both, 'bad-signature'],
    [
      'an unprotected header',
      { ...doc, signatures: [{ ...first, header: { alg: 'none' } }, second] },
      both,
      'bad-document',
    ],
    ['an extra member', { ...doc, extra: 1 }, both, 'bad-document'],
    ['no signature', { ...doc, signatures: [] }, [], 'bad-document'],
    ['too many signatures', { ...doc, signatures: Array(17).fill(first) }, both, 'bad-document'],
    ['no object', 'text', both, 'bad-document'],
    ['null', null, both, 'bad-document'],
  ];
  test.each(cheats)('%s: refused', (_, cheat, signers, expected) => {
    expect(() => verifyDocument('symbolon-test', cheat, signers)).toThrow(code(expected));
  });

  test('a validly signed payload that is not canonical is refused', () => {
    const text = nonCanonical;
    const { protected: header } = signDocument('symbolon-test', payload, anna).signatures[0]!;
    const cheat = {
      payload: text,
      signatures: [{ protected: header, signature: base64url(anna.sign(utf8(`${header}.${text}`))) }],
    };
    expect(() => verifyDocument('symbolon-test', cheat, [anna.publicKey])).toThrow(code('not-canonical'));
    expect(fromBase64url(text).length).toBeGreaterThan(0);
  });
});
