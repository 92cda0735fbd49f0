import {
  base64url,
  certificateDer,
  documentBytes,
  fromBase64url,
  fromUtf8,
  insecureTestRng,
  issueOrganisationCertificate,
  signDocument,
} from '@symbolon/crypto';
import { expect, test } from 'vitest';
import { type Card, createCard, parseCard, verifyCard } from '../src/index.ts';
import { hospital, insurer } from './samples.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const resigned = (change: Partial<Record<keyof Card | 'extra', unknown>>) =>
  signDocument('symbolon-card', { ...insurer.card, ...change }, insurer.organisation);

test('a card file is read back, as bytes or text, with or without a final line feed', () => {
  const file = documentBytes(resigned({}));
  expect(parseCard(file)).toEqual(insurer.card);
  expect(parseCard(`${fromUtf8(file)}\n`)).toEqual(insurer.card);
  expect(Object.isFrozen(parseCard(file))).toBe(true);
});

test('createCard checks what it signs', async () => {
  const certificate = await issueOrganisationCertificate({
    name: 'Insurer',
    key: insurer.organisation,
    notBefore: new Date('2026-01-01'),
    notAfter: new Date('2036-01-01'),
    rng: insecureTestRng(1),
  });
  const key = (name: 'recoveryKey' | 'signingKey' | 'logKey') => fromBase64url(insurer.card[name]);
  const params = {
    id: 'insurer',
    name: 'Insurer',
    role: 'party',
    organisationKey: insurer.organisation,
    recoveryKey: key('recoveryKey'),
    signingKey: key('signingKey'),
    logKey: key('logKey'),
    certificate,
    address: 'https://insurer.example:443',
    issued: '2026-11-01T09:00:00Z',
  } as const;
  expect(verifyCard(createCard(params)).certificate).toBe(base64url(certificateDer(certificate)));
  expect(() => createCard({ ...params, organisationKey: hospital.organisation })).toThrow(code('bad-certificate'));
  expect(() => createCard({ ...params, logKey: params.signingKey })).toThrow(code('bad-document'));
});

test.each<[string, Partial<Record<keyof Card | 'extra', unknown>>]>([
  ['id', { id: 'A b' }],
  ['a name with a control character', { name: 'In\u0007surer' }],
  ['role', { role: 'auditor' }],
  ['a short key', { logKey: 'AAAA' }],
  ['a key used twice', { logKey: insurer.card.signingKey }],
  ['plain http', { address: 'http://insurer.example:8443' }],
  ['no port', { address: 'https://insurer.example' }],
  ['a path', { address: 'https://insurer.example:8443/x' }],
  ['a user', { address: 'https://u@insurer.example:8443' }],
  ['capitals in the host', { address: 'https://Insurer.example:8443' }],
  ['a local time', { issued: '2026-11-01T09:00:00+01:00' }],
  ['fractions of a second', { issued: '2026-11-01T09:00:00.5Z' }],
  ['an extra field', { extra: 1 }],
])('%s: refused although signed', (_, change) => {
  expect(() => verifyCard(resigned(change))).toThrow(code('bad-document'));
});

test('a card is bound to its organisation key', () => {
  expect(() => verifyCard(signDocument('symbolon-card', insurer.card, hospital.organisation))).toThrow(
    code('document-signer'),
  );
  expect(() => verifyCard(resigned({ certificate: hospital.card.certificate }))).toThrow(code('bad-certificate'));
  expect(() => verifyCard(resigned({ organisationKey: hospital.card.organisationKey }))).toThrow(
    code('bad-certificate'),
  );
  expect(() => verifyCard(signDocument('symbolon-other', insurer.card, insurer.organisation))).toThrow(
    code('document-type'),
  );
  const stolen = { ...resigned({ name: 'Other' }), signatures: resigned({}).signatures };
  expect(() => verifyCard(stolen)).toThrow(code('bad-signature'));
});
