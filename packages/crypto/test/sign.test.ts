import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  fingerprint,
  fromHex,
  generateSigningKey,
  hex,
  importSigningKey,
  insecureTestRng,
  isPublicKey,
  keyId,
  sameFingerprint,
  utf8,
  verify,
} from '../src/index.ts';
import { vectors } from './vectors.ts';

const { vectors: rfc8032 } = vectors<{
  vectors: { secret: string; public: string; message: string; signature: string }[];
}>('ed25519-rfc8032');
const key = generateSigningKey(insecureTestRng('sign'));
const message = utf8('message');

describe('Ed25519', () => {
  test.each(rfc8032)('RFC 8032: $message', (vector) => {
    const own = generateSigningKey(() => fromHex(vector.secret));
    expect(hex(own.publicKey)).toBe(vector.public);
    expect(hex(own.sign(fromHex(vector.message)))).toBe(vector.signature);
    expect(verify(fromHex(vector.public), fromHex(vector.message), fromHex(vector.signature))).toBe(true);
  });

  test('any changed bit of message, signature or key fails', () => {
    const signature = key.sign(message);
    expect(verify(key.publicKey, message, signature)).toBe(true);
    for (const which of [0, 1, 2]) {
      const parts = [key.publicKey.slice(), message.slice(), signature.slice()] as const;
      for (let bit = 0; bit < parts[which]!.length * 8; bit++) {
        parts[which]![bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(...parts)).toBe(false);
        parts[which]![bit >> 3]! ^= 1 << (bit & 7);
      }
    }
    expect(verify(key.publicKey, message, signature.subarray(1))).toBe(false);
    expect(verify(key.publicKey.subarray(1), message, signature)).toBe(false);
  });

  test('a key of small order is no key', () => {
    const low = ['01', 'ec', 'ed', 'ee'].map((first) =>
      first === '01' ? `01${'00'.repeat(31)}` : `${first}${'ff'.repeat(30)}7f`,
    );
    const points = [
      '00'.repeat(32),
      ...low,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    ].map(fromHex);
    // R = identity, S = 0: by the equation of RFC 8032 alone, valid for every message under the identity.
    const forged = new Uint8Array(64);
    forged[0] = 1;
    for (const point of points) {
      const negative = point.slice();
      negative[31]! |= 0x80;
      expect(isPublicKey(point)).toBe(false);
      expect(isPublicKey(negative)).toBe(false);
      expect(verify(point, message, forged)).toBe(false);
    }
    expect(isPublicKey(key.publicKey)).toBe(true);
  });

  test('export and import are inverse; printing shows no secret', () => {
    const pem = key.export();
    const again = importSigningKey(pem);
    expect(again.publicKey).toEqual(key.publicKey);
    expect(again.keyId).toBe(keyId(key.publicKey));
    const secret = createPrivateKey(pem).export({ format: 'jwk' }).d as string;
    expect(inspect(key, { depth: 9 }) + JSON.stringify(key) + String(key)).not.toContain(secret);
  });

  test('import refuses other keys without quoting them', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' });
    for (const pem of [rsa.toString(), key.export().slice(0, 80), 'secret words']) {
      expect(() => importSigningKey(pem)).toThrow(expect.objectContaining({ code: 'bad-key' }));
      expect(() => importSigningKey(pem)).not.toThrow(/secret words|MC4C/);
    }
  });
});

describe('fingerprint', () => {
  const print = fingerprint(key.publicKey);

  test('is eight groups of four, and differs between keys', () => {
    expect(print).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(fingerprint(generateSigningKey(insecureTestRng('other')).publicKey)).not.toBe(print);
  });

  test('compares as people type', () => {
    const typed = print.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
    expect(sameFingerprint(print, typed)).toBe(true);
    expect(sameFingerprint(print, print.replaceAll('-', ''))).toBe(true);
    for (let i = 0; i < print.length; i++) {
      if (print[i] === '-') continue;
      const changed = print.slice(0, i) + (print[i] === 'Z' ? 'Y' : 'Z') + print.slice(i + 1);
      expect(sameFingerprint(print, changed)).toBe(false);
    }
    expect(sameFingerprint('', '')).toBe(false);
    expect(sameFingerprint(print.slice(0, 20), print.slice(0, 20))).toBe(false);
  });
});
