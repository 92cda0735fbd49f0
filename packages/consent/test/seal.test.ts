import { generateKeyPairSync } from 'node:crypto';
import { insecureTestRng, utf8 } from '@symbolon/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cardKey,
  cardSigned,
  envelopeBytes,
  envelopeSpace,
  openParcel,
  openWithCard,
  parcelKey,
  sealParcel,
  sealToCard,
  unwrap,
  wrap,
} from '../src/index.ts';
import { cardKinds, playedCard } from './cards.ts';

const rng = insecureTestRng('seal');
const info = utf8('a purpose');
const registry = { server: 'centre', module: 'hips' };

describe.each(cardKinds)('a card with %s', (kind) => {
  const card = playedCard(kind);

  test('opens what is sealed to it', async () => {
    const sealed = sealToCard(card.sealing, utf8('secret'), info, rng);
    expect(await openWithCard(card, sealed, info)).toEqual(utf8('secret'));
  });

  test('opens nothing that was changed, cut, or sealed for another card or purpose', async () => {
    const sealed = sealToCard(card.sealing, utf8('secret'), info, rng);
    const other = playedCard(kind === 'rsa-4096' ? 'rsa-2048' : kind);
    const refused = { code: 'sealed-text', message: expect.any(String) };
    await expect(openWithCard(other, sealed, info)).rejects.toMatchObject(refused);
    await expect(openWithCard(card, sealed, utf8('another'))).rejects.toMatchObject(refused);
    for (let at = 0; at < sealed.length; at += 29) {
      const changed = sealed.slice();
      changed[at]! ^= 4;
      await expect(openWithCard(card, changed, info), `byte ${at}`).rejects.toMatchObject(refused);
      await expect(openWithCard(card, sealed.slice(0, at), info), `${at} bytes`).rejects.toMatchObject(refused);
    }
  });

  test('what it signs is known as its own', async () => {
    const signature = await card.sign(utf8('text'));
    expect(cardSigned(card.signing, utf8('text'), signature)).toBe(true);
    expect(cardSigned(card.signing, utf8('other'), signature)).toBe(false);
    expect(cardSigned(card.signing, utf8('text'), signature.slice(1))).toBe(false);
    expect(cardSigned(playedCard('P-256').signing, utf8('text'), signature)).toBe(false);
  });
});

test('an RSA card that only computes c^d mod n opens the same', async () => {
  const card = playedCard('rsa-2048', { raw: true });
  const sealed = sealToCard(card.sealing, utf8('secret'), info, rng);
  expect(await openWithCard(card, sealed, info)).toEqual(utf8('secret'));
  const foreign = sealToCard(playedCard('rsa-2048').sealing, utf8('secret'), info, rng);
  await expect(openWithCard(card, foreign, info)).rejects.toMatchObject({ code: 'sealed-text' });
});

test('keys that cards should not have are refused', () => {
  for (const key of [
    generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey,
    generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey,
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
    generateKeyPairSync('ed25519').publicKey,
    utf8('no key'),
  ]) {
    expect(() => cardKey(key)).toThrow(expect.objectContaining({ code: 'card-key' }));
  }
});

describe('an envelope', () => {
  const key = rng(32);

  test('has one size, and gives back what was put in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: envelopeSpace }), (text) => {
        const envelope = wrap(key, text, registry, rng);
        expect(envelope.length).toBe(envelopeBytes);
        expect(unwrap(key, envelope, registry)).toEqual(text);
      }),
      { numRuns: 30 },
    );
  });

  test('opens for its patient in its registry only', () => {
    const envelope = wrap(key, utf8('text'), registry, rng);
    const changed = envelope.slice();
    changed[1000]! ^= 1;
    for (const attempt of [
      () => unwrap(rng(32), envelope, registry),
      () => unwrap(key, envelope, { ...registry, module: 'knees' }),
      () => unwrap(key, envelope, { ...registry, server: 'elsewhere' }),
      () => unwrap(key, changed, registry),
      () => unwrap(key, envelope.slice(1), registry),
    ]) {
      expect(attempt).toThrow(expect.objectContaining({ code: 'sealed-text' }));
    }
  });
});

describe('a parcel for a patient', () => {
  test.each(cardKinds)('opens by the card with %s alone, for its registry', async (kind) => {
    const card = playedCard(kind);
    const { publicKey, sealedKey } = parcelKey(card.sealing, registry, rng);
    const content = rng(100_000);
    const sealed = sealParcel(publicKey, content, registry, rng);
    expect(await openParcel(card, { sealedKey, sealed }, registry)).toEqual(content);
    const refused = { code: 'sealed-text' };
    const elsewhere = { ...registry, module: 'another' };
    const other = playedCard(kind === 'rsa-4096' ? 'rsa-2048' : kind);
    await expect(openParcel(card, { sealedKey, sealed }, elsewhere)).rejects.toMatchObject(refused);
    await expect(openParcel(other, { sealedKey, sealed }, registry)).rejects.toMatchObject(refused);
    const changed = sealed.slice();
    changed[50_000]! ^= 1;
    await expect(openParcel(card, { sealedKey, sealed: changed }, registry)).rejects.toMatchObject(refused);
  });
});
