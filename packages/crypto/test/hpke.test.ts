import {
  Aes256Gcm,
  CipherSuite,
  DhkemP256HkdfSha256,
  DhkemP384HkdfSha384,
  DhkemX25519HkdfSha256,
  HkdfSha256,
} from '@hpke/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  concat,
  ephemeralKey,
  fromHex,
  hpkeOpen,
  hpkeOverhead,
  hpkeSeal,
  insecureTestRng,
  type Kem,
  softwareKey,
  utf8,
} from '../src/index.ts';

const peers = {
  X25519: () => new DhkemX25519HkdfSha256(),
  'P-256': () => new DhkemP256HkdfSha256(),
  'P-384': () => new DhkemP384HkdfSha384(),
};

describe.each(Object.keys(peers) as Kem[])('HPKE over %s', (kem) => {
  const rng = insecureTestRng(`hpke ${kem}`);
  const recipient = ephemeralKey(kem, rng);
  const context = { info: utf8('a purpose'), aad: utf8('a session') };
  const suite = new CipherSuite({ kem: peers[kem](), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

  test('opens what it sealed, and nothing else', async () => {
    const texts = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (plaintext) => {
      const sealed = hpkeSeal(recipient, plaintext, context, rng);
      expect(sealed.length).toBe(plaintext.length + hpkeOverhead(kem));
      expect(await hpkeOpen(recipient, sealed, context)).toEqual(plaintext);
    });
    await fc.assert(texts, { numRuns: 20 });
  });

  test('another implementation opens what this one seals', async () => {
    const own = softwareKey(kem, new Uint8Array(secretOf(kem)));
    const sealed = hpkeSeal(own, utf8('to a stranger'), context, rng);
    const { length } = own.publicKey;
    const recipientKey = await suite.kem.importKey('raw', secretOf(kem), false);
    const opened = await suite.open(
      { recipientKey, enc: sealed.slice(0, length).buffer, info: context.info.slice().buffer },
      sealed.slice(length).buffer,
      context.aad.slice().buffer,
    );
    expect(new Uint8Array(opened)).toEqual(utf8('to a stranger'));
  });

  test('opens what another implementation seals', async () => {
    const own = softwareKey(kem, new Uint8Array(secretOf(kem)));
    const key = await suite.kem.deserializePublicKey(own.publicKey.slice().buffer);
    const { enc, ct } = await suite.seal(
      { recipientPublicKey: key, info: context.info.slice().buffer },
      utf8('from a stranger').slice().buffer,
      context.aad.slice().buffer,
    );
    const sealed = concat(new Uint8Array(enc), new Uint8Array(ct));
    expect(await hpkeOpen(own, sealed, context)).toEqual(utf8('from a stranger'));
  });

  test('what was changed, cut, meant for another key, purpose or session does not open', async () => {
    const sealed = hpkeSeal(recipient, utf8('secret'), context, rng);
    const refused = { code: 'sealed-text' };
    for (let at = 0; at < sealed.length; at += 7) {
      const changed = sealed.slice();
      changed[at]! ^= 1;
      await expect(hpkeOpen(recipient, changed, context)).rejects.toMatchObject(refused);
    }
    for (const length of [0, 10, hpkeOverhead(kem) - 1, sealed.length - 1]) {
      await expect(hpkeOpen(recipient, sealed.slice(0, length), context)).rejects.toMatchObject(refused);
    }
    await expect(hpkeOpen(ephemeralKey(kem, rng), sealed, context)).rejects.toMatchObject(refused);
    await expect(hpkeOpen(recipient, sealed, { ...context, info: utf8('other') })).rejects.toMatchObject(refused);
    await expect(hpkeOpen(recipient, sealed, { ...context, aad: utf8('other') })).rejects.toMatchObject(refused);
  });

  test('bytes that are no public key are refused', () => {
    const { publicKey } = recipient;
    const bad = kem === 'X25519' ? [publicKey.slice(1), new Uint8Array(32)] : [publicKey.slice(1), offCurve(publicKey)];
    for (const key of bad) {
      expect(() => hpkeSeal({ kem, publicKey: key }, utf8('x'), context, rng)).toThrow(
        expect.objectContaining({ code: 'bad-key' }),
      );
    }
  });
});

/** A private key for both implementations. */
function secretOf(kem: Kem): ArrayBuffer {
  const length = kem === 'P-384' ? 48 : 32;
  return fromHex('07'.repeat(length)).slice().buffer;
}

function offCurve(point: Uint8Array): Uint8Array {
  const changed = point.slice();
  changed[changed.length - 1]! ^= 1;
  return changed;
}
