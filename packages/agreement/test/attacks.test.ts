import {
  base64url,
  canonicalBytes,
  documentBytes,
  fromBase64url,
  fromUtf8,
  parseDocument,
  type SignedDocument,
  signDocument,
  utf8,
} from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import {
  agreementHash,
  cosignAgreement,
  draftAgreement,
  maySign,
  memberOf,
  parseAgreement,
  requireCards,
  requireSigned,
  signAgreement,
  verifyAgreement,
} from '../src/index.ts';
import { agreement, hospital, insurer, keys, terms, testOrganisation } from './samples.ts';

const mallory = await testOrganisation('mallory');
const signed = cosignAgreement(signAgreement(agreement, hospital.signing), insurer.signing);
const other = draftAgreement({ ...terms, title: 'Another' });
const otherSigned = cosignAgreement(signAgreement(other, hospital.signing), insurer.signing);

/** A document whose bytes are right but for what is put in place of a part of its payload. */
function withPayload(doc: SignedDocument, edit: (payload: string) => string): SignedDocument {
  const payload = edit(fromUtf8(fromBase64url(doc.payload)));
  return { ...doc, payload: base64url(utf8(payload)) };
}

const refused: [what: string, doc: unknown, code: string][] = [
  // The text is another than what was signed.
  ['altered: fewer limits', withPayload(signed, (text) => text.replace('"maxRuns":3', '"maxRuns":9')), 'bad-signature'],
  [
    'altered: another receiver',
    withPayload(signed, (text) => text.replace('"to":["insurer","hospital"]', '"to":["insurer"]')),
    'bad-signature',
  ],
  [
    'altered: a key of the attacker',
    withPayload(signed, (text) => text.replace(insurer.card.signingKey, mallory.card.signingKey)),
    'document-signer',
  ],
  // The text is one that several readers read differently.
  [
    'a field twice',
    withPayload(signed, (text) => text.replace('"maxRuns":3', '"maxRuns":3,"maxRuns":9')),
    'not-canonical',
  ],
  [
    '2^53 + 1',
    withPayload(signed, (text) => text.replace('"maxRuns":3', '"maxRuns":9007199254740993')),
    'not-canonical',
  ],
  [
    'a number with a point',
    withPayload(signed, (text) => text.replace('"maxRuns":3', '"maxRuns":3.0')),
    'not-canonical',
  ],
  [
    '__proto__',
    withPayload(signed, (text) => text.replace('{"keyService"', '{"__proto__":{"link":{}},"keyService"')),
    'not-canonical',
  ],
  [
    '__proto__ by escapes',
    withPayload(signed, (text) => text.replace('{"keyService"', '{"\\u005f_proto__":{},"keyService"')),
    'not-canonical',
  ],
  [
    'letters that are not NFC',
    withPayload(signed, (text) => text.replace('Insured', 'Insure\u0301d')),
    'not-canonical',
  ],
  ['an escaped letter', withPayload(signed, (text) => text.replace('Insured', '\\u0049nsured')), 'not-canonical'],
  ['half a character', withPayload(signed, (text) => text.replace('Insured', '\\ud83d')), 'not-canonical'],
  ['white space', withPayload(signed, (text) => text.replace('"maxRuns":3', '"maxRuns": 3')), 'not-canonical'],
  [
    'fields in another order',
    withPayload(signed, (text) => text.replace(/\{"from":("[^"]+"),"until":("[^"]+")\}/, '{"until":$2,"from":$1}')),
    'not-canonical',
  ],
  ['bytes behind the end', withPayload(signed, (text) => `${text}\n`), 'not-canonical'],
  // The signatures are of something else.
  ['of another agreement', { ...signed, signatures: otherSigned.signatures }, 'bad-signature'],
  [
    'one of another agreement',
    { ...signed, signatures: [signed.signatures[0]!, otherSigned.signatures[1]!] },
    'bad-signature',
  ],
  ['one party twice', { ...signed, signatures: [signed.signatures[0]!, signed.signatures[0]!] }, 'document-signer'],
  ['in another order', { ...signed, signatures: signed.signatures.toReversed() }, 'not-canonical'],
  [
    "a party's header over another's signature",
    {
      ...signed,
      signatures: signed.signatures.map(({ protected: header }, i) => ({
        protected: header,
        signature: signed.signatures[1 - i]!.signature,
      })),
    },
    'bad-signature',
  ],
  ['as a statement', signDocument('symbolon-run', agreement, insurer.signing), 'document-type'],
  ['as a notice', signDocument('symbolon-notice', agreement, insurer.signing), 'document-type'],
  ['of a stranger', signDocument('symbolon-agreement', agreement, mallory.signing), 'document-signer'],
  ['of the key service', signDocument('symbolon-agreement', agreement, keys.signing), 'document-signer'],
  ['by the organisation key', signDocument('symbolon-agreement', agreement, insurer.organisation), 'document-signer'],
  ['with one more field', { ...signed, note: 'x' }, 'bad-document'],
  ['without signatures', { ...signed, signatures: [] }, 'bad-document'],
];

describe('a signed agreement is refused', () => {
  test.each(refused)('%s', (_, doc, code) => {
    if ('payload' in (doc as SignedDocument)) expect(doc).not.toEqual(signed);
    expect(() => verifyAgreement(doc)).toThrow(expect.objectContaining({ code }));
    // Nobody adds a signature to it by mistake.
    expect(() => cosignAgreement(doc as SignedDocument, insurer.signing)).toThrow(expect.objectContaining({ code }));
  });

  test('but as it was signed it is not', () => {
    expect(requireSigned(verifyAgreement(parseDocument(documentBytes(signed))))).toEqual(agreement);
  });
});

test('any one bit changed in payload, header or signature is noticed', () => {
  const flip = (text: string, at: number): string => {
    const bytes = fromBase64url(text);
    bytes[at % bytes.length]! ^= 1 << (at % 8);
    return base64url(bytes);
  };
  for (let at = 0; at < 200; at++) {
    const [first, second] = signed.signatures;
    const all = [
      { ...signed, payload: flip(signed.payload, at * 37) },
      { ...signed, signatures: [{ ...first!, signature: flip(first!.signature, at) }, second!] },
      { ...signed, signatures: [{ ...first!, protected: flip(first!.protected, at) }, second!] },
    ];
    for (const doc of all) expect(() => verifyAgreement(doc)).toThrow();
  }
});

test('an agreement that names other keys of a known organisation holds its own signatures, and not its cards', () => {
  const forged = draftAgreement({
    ...terms,
    parties: [{ ...memberOf(insurer.card), signingKey: mallory.card.signingKey }, memberOf(hospital.card)],
  });
  const half = signAgreement(forged, mallory.signing);
  expect(verifyAgreement(half).signedBy).toEqual(['insurer']);
  expect(() => requireCards(forged, [insurer.card, hospital.card, keys.card])).toThrow(
    expect.objectContaining({ code: 'agreement-altered', culprit: 'insurer' }),
  );
});

test('what has no canonical form is never parsed', () => {
  const payload = fromUtf8(canonicalBytes(agreement));
  for (const text of [
    `\ufeff${payload}`,
    payload.slice(0, -1),
    `[${payload}]`,
    'null',
    '""',
    '',
    `${payload}${payload}`,
  ]) {
    expect(() => parseAgreement(utf8(text))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(not-canonical|agreement-invalid)$/) }),
    );
  }
  expect(() => parseAgreement(Uint8Array.of(0xff, 0xfe))).toThrow(expect.objectContaining({ code: 'not-canonical' }));
});

test('a party signs one of two successors of one version', () => {
  const predecessor = { agreement, state: 'active' } as const;
  const successors = ['A', 'B'].map((title) =>
    draftAgreement({ ...terms, title, predecessor: agreementHash(agreement) }),
  );
  const facts = { state: 'proposed', predecessor, countered: undefined, signedRival: null } as const;
  expect(maySign(successors[0]!, facts)).toEqual({ grant: true });
  expect(maySign(successors[1]!, { ...facts, signedRival: agreementHash(successors[0]!) })).toMatchObject({
    grant: false,
    code: 'agreement-superseded',
  });
});
