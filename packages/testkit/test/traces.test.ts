import { createHash } from 'node:crypto';
import { insecureTestRng } from '@symbolon/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cardPrivateKey, keyTraces, TraceSearch } from '../src/smartcards.ts';

const rng = insecureTestRng('traces');
const secret = Buffer.from(rng(256));
const noise = Buffer.from(rng(2_000_000));
const texts = [{ what: 'the name', text: 'Jörg Quackenbüsh' }];
const search = new TraceSearch([{ what: 'the key', bytes: secret }], texts);

const hidden = (piece: Buffer) => {
  const at = 12_345;
  return Buffer.concat([noise.subarray(0, at), piece, noise.subarray(at, 60_000)]);
};
const whatIn = (bytes: Buffer) => [...new Set(search.find(bytes).map(({ what }) => what))];

test('in noise, raw or written out, nothing is found', () => {
  expect(search.find(noise)).toEqual([]);
  expect(search.find(Buffer.from(noise.toString('base64')))).toEqual([]);
  expect(search.find(Buffer.from(noise.toString('hex')))).toEqual([]);
});

test('any piece of a secret is found in all forms, wherever it begins', () => {
  const forms: ((piece: Buffer) => Buffer)[] = [
    (piece) => piece,
    (piece) => Buffer.from(piece).reverse(),
    (piece) => Buffer.from(piece.toString('hex')),
    (piece) => Buffer.from(piece.toString('hex').toUpperCase()),
    (piece) => Buffer.from(piece.toString('base64')),
    (piece) => Buffer.from(piece.toString('base64url')),
    (piece) => Buffer.from(Buffer.from(piece).reverse().toString('base64url')),
  ];
  fc.assert(
    fc.property(fc.nat(230), fc.nat(forms.length - 1), (at, form) => {
      expect(whatIn(hidden(forms[form]!(secret.subarray(at, at + 24))))).toEqual(['the key']);
    }),
  );
});

test('and as a number, and by its hash', () => {
  const hash = createHash('sha256').update(secret).digest();
  for (const piece of [BigInt(`0x${secret.toString('hex')}`).toString(), hash, hash.toString('base64')]) {
    expect(whatIn(hidden(Buffer.from(piece)))).toEqual(['the key']);
  }
});

test('names are found however they are spelled or written', () => {
  for (const spelled of ['Jörg Quackenbüsh', 'jörg quackenbüsh', 'JORG QUACKENBUSH', 'Jorg Quackenbush']) {
    for (const encoding of ['utf8', 'utf16le', 'hex', 'base64'] as const) {
      const piece = encoding.startsWith('utf')
        ? Buffer.from(spelled, encoding)
        : Buffer.from(Buffer.from(spelled).toString(encoding));
      expect(whatIn(hidden(piece)), `${spelled} ${encoding}`).toEqual(['the name']);
    }
  }
});

test('keys of cards are told by modulus or point', () => {
  expect(keyTraces('a card', cardPrivateKey('rsa-2048')).map(({ bytes }) => bytes.length)).toEqual([256]);
  expect(keyTraces('a card', cardPrivateKey('P-384')).map(({ bytes }) => bytes.length)).toEqual([48, 48]);
});
