import { ECDH } from 'node:crypto';
import { concat, insecureTestRng } from '@symbolon/crypto';
import { describe, expect, test } from 'vitest';
import { type Card, decoy, openPair, unwrap } from '../src/index.ts';
import { disguisedBytes, undisguise } from '../src/pair/disguise.ts';
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
    const { texts } = await sealed(card);
    // Of a byte: 73.9 from its mean; of 48: 10.7. Six times that, no byte is.
    for (const [at, far] of distances(texts).entries()) expect(far, `byte ${at}`).toBeLessThan(64);
  });
});

describe.each(cardKinds.filter((kind) => kind.startsWith('rsa')))(
  'a ciphertext of %s that no multiple of the modulus hides',
  (kind) => {
    test('is found by the same look', async () => {
      const { texts, ciphertexts } = await sealed(playedCard(kind));
      const narrow = texts.map((text, i) => {
        const bytes = new Uint8Array(rsaBytes);
        bytes.set(ciphertexts[i]!, rsaBytes - ciphertexts[i]!.length);
        return concat(text.subarray(0, points), bytes, text.subarray(points + rsaBytes));
      });
      expect(Math.max(...distances(narrow))).toBeGreaterThan(64);
    });
  },
);

const points = 65 + 97;
const rsaBytes = 528;

/** What pairs hold, and what was sealed to the card in each, of its own length. */
async function sealed(card: Card): Promise<{ texts: Uint8Array[]; ciphertexts: Uint8Array[] }> {
  const texts: Uint8Array[] = [];
  for (let i = 0; i < 48; i++) {
    texts.push(unwrap(wrapKey, await makePair(card, rng(32), { registry, wrapKey, rng }), registry));
  }
  const { sealing } = card;
  const ciphertexts = texts.map((text) =>
    undisguise(sealing, text).subarray(0, sealing.kind === 'rsa' ? sealing.bytes : sealing.point.length),
  );
  return { texts, ciphertexts };
}

/** How far each byte's mean is from that of random ones; points apart, which are none. */
function distances(texts: readonly Uint8Array[]): number[] {
  return Array.from({ length: texts[0]!.length - points }, (_, at) => {
    const sum = texts.reduce((total, text) => total + text[points + at]!, 0);
    return Math.abs(sum / texts.length - 127.5);
  });
}
