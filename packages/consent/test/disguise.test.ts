import { ECDH } from 'node:crypto';
import { insecureTestRng } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import { decoy, openPair, unwrap } from '../src/index.ts';
import { disguisedBytes } from '../src/pair/disguise.ts';
import { makePair } from '../src/pair/pair.ts';
import { cardKinds, playedCard } from './cards.ts';

const rng = insecureTestRng('disguise');
const registry = { server: 'centre', module: 'hips' };
const wrapKey = rng(32);

// Whoever types a name has W. Where these hold of a pair and not of a decoy, or the other way round, that tells who is registered.
const looks = (envelope: Uint8Array) => {
  const text = unwrap(wrapKey, envelope, registry);
  const isPoint = (start: number, length: number, curve: string): boolean => {
    try {
      ECDH.convertKey(text.subarray(start, start + length), curve);
      return true;
    } catch {
      return false;
    }
  };
  return { length: text.length, p256: isPoint(0, 65, 'prime256v1'), p384: isPoint(65, 97, 'secp384r1') };
};
const same = { length: disguisedBytes, p256: true, p384: true };

describe.each(cardKinds)('a pair of a card with %s', (kind) => {
  const card = playedCard(kind);

  test('opens, and has the looks of a decoy', async () => {
    const secret = rng(32);
    const pair = await makePair(card, secret, { registry, wrapKey, rng });
    expect(await openPair(card, pair, { registry, wrapKey })).toEqual(secret);
    expect(looks(pair)).toEqual(same);
    expect(looks(decoy(wrapKey, registry, rng))).toEqual(same);
  });

  test('has no bytes that stand out: in their mean, those of no field are far from random ones', async () => {
    const start = 65 + 97;
    const pairs = 48;
    const sums = new Float64Array(528 + 562);
    for (let i = 0; i < pairs; i++) {
      const text = unwrap(wrapKey, await makePair(card, rng(32), { registry, wrapKey, rng }), registry);
      for (const at of sums.keys()) sums[at]! += text[start + at]!;
    }
    // Of a byte: 73.9 from its mean; of 48: 10.7. Six times that, no byte is.
    for (const [at, sum] of sums.entries()) expect(Math.abs(sum / pairs - 127.5), `byte ${at}`).toBeLessThan(64);
  });
});
