import { constants, createCipheriv, createDecipheriv, publicEncrypt } from 'node:crypto';
import { concat, fault, hkdf, hpkeOpen, hpkeSeal, type Rng, sha256, utf8 } from '@symbolon/crypto';
import type { Card, CardKey } from './keys.ts';
import { oaepPad } from './oaep.ts';

const none = new Uint8Array();
const seedBytes = 32;
const tagBytes = 16;

/**
 * Seals to a card (the paper's enc_PubP, §5.1): whatever the key, only the card opens it. RSA: a seed by RSAES-OAEP (RFC 8017 §7.1) and AES-256-GCM
 * under a key of it, because K and a signature are longer than RSA takes; else HPKE (RFC 9180) to the card's curve.
 * Runs at: the physician's client. @param info what it is for
 */
export function sealToCard(key: CardKey, plaintext: Uint8Array, info: Uint8Array, rng: Rng): Uint8Array {
  if (key.kind === 'ec') {
    return hpkeSeal({ kem: key.curve, publicKey: key.point }, plaintext, { info, aad: none }, rng);
  }
  const seed = rng(seedBytes);
  const wrapped = new Uint8Array(
    publicEncrypt({ key: key.key, padding: constants.RSA_NO_PADDING }, oaepPad(seed, key.bytes, rng)),
  );
  const contentKey = contentKeyOf(seed, wrapped, info);
  const cipher = createCipheriv('aes-256-gcm', contentKey, nonce);
  const sealed = concat(wrapped, cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  for (const secret of [seed, contentKey]) secret.fill(0);
  return sealed;
}

/** Opens what {@link sealToCard} made. Throws `sealed-text`, the same whatever is wrong. Runs at: the physician's client, with the card. */
export async function openWithCard(card: Card, sealed: Uint8Array, info: Uint8Array): Promise<Uint8Array> {
  const { sealing } = card;
  if (sealing.kind === 'ec') {
    const recipient = { kem: sealing.curve, publicKey: sealing.point, dh: (point: Uint8Array) => card.open(point) };
    return hpkeOpen(recipient, sealed, { info, aad: none });
  }
  if (sealed.length < sealing.bytes + tagBytes) throw notSealed();
  const wrapped = sealed.subarray(0, sealing.bytes);
  let contentKey: Uint8Array;
  try {
    const seed = await card.open(wrapped);
    contentKey = contentKeyOf(seed, wrapped, info);
    seed.fill(0);
  } catch {
    throw notSealed();
  }
  try {
    const decipher = createDecipheriv('aes-256-gcm', contentKey, nonce).setAuthTag(sealed.subarray(-tagBytes));
    return concat(decipher.update(sealed.subarray(sealing.bytes, -tagBytes)), decipher.final());
  } catch {
    throw notSealed();
  } finally {
    contentKey.fill(0);
  }
}

// Each content key seals one text.
const nonce = new Uint8Array(12);

function contentKeyOf(seed: Uint8Array, wrapped: Uint8Array, info: Uint8Array): Uint8Array {
  return hkdf(seed, sha256(wrapped), concat(utf8('symbolon consent card '), info), 32);
}

const notSealed = () => fault('sealed-text', 'it was not sealed for this card');
