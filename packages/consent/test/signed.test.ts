import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { concat, utf8 } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import { cardKey, cardSigned } from '../src/index.ts';

const curves = [
  { curve: 'P-256', hash: 'sha256', half: 32, tries: 1500 },
  { curve: 'P-384', hash: 'sha384', half: 48, tries: 150 },
];

test.each(curves)('an ECDSA signature of $curve is checked as node checks r ‖ s', ({ curve, hash, half, tries }) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const asNode = (text: Uint8Array, signature: Uint8Array) =>
    verify(hash, text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
  const card = cardKey(publicKey);
  let shortened = 0;
  // Some 1 in 128 has an r or s that begins with a zero, and 3 in 4 one whose first bit is set.
  for (let i = 0; i < tries; i++) {
    const text = utf8(`text ${i}`);
    const signature = new Uint8Array(sign(hash, text, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
    if (signature[0] === 0 || signature[half] === 0) shortened++;
    expect(cardSigned(card, text, signature)).toBe(true);
    expect(cardSigned(card, utf8('another'), signature)).toBe(false);
  }
  if (tries > 1000) expect(shortened).toBeGreaterThan(0);

  const text = utf8('text');
  const good = new Uint8Array(sign(hash, text, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
  const [r, s] = [good.subarray(0, half), good.subarray(half)];
  const zero = new Uint8Array(half);
  const wrong = [
    new Uint8Array(),
    good.subarray(1),
    concat(good, Uint8Array.of(0)),
    concat(zero, s),
    concat(r, zero),
    concat(zero, zero),
    concat(s, r),
    new Uint8Array(2 * half).fill(255),
    // What r ‖ s is not.
    new Uint8Array(sign(hash, text, privateKey)),
  ];
  for (const signature of wrong) {
    expect(cardSigned(card, text, signature)).toBe(false);
    expect(asNode(text, signature)).toBe(false);
  }
  expect(cardSigned(card, text, good)).toBe(true);
});
