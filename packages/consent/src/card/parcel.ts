import { fault, hashLabelled, hpkeOpen, hpkeSeal, type Rng, softwareKey, utf8 } from '@symbolon/crypto';
import type { Registry } from '../pair/envelope.ts';
import type { Card, CardKey } from './keys.ts';
import { openWithCard, sealToCard } from './seal.ts';

// What the central server gives a patient is sealed to the patient's card, and yet the server may not see a key of that card:
//
// client   a key pair for this parcel; the secret half sealed to the card, then forgotten      (the client keeps: nothing that opens it)
// server   seals the parcel to the public half, which says nothing of the card
// card     opens the secret half, and that opens the parcel

const none = new Uint8Array();

/** Made for one parcel: the public half goes to the central server, the sealed one stays with the parcel. */
export interface ParcelKey {
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly sealedKey: Uint8Array;
}

/** Runs at: the client. */
export function parcelKey(sealing: CardKey, registry: Registry, rng: Rng): ParcelKey {
  const secret = rng(32);
  const { publicKey } = softwareKey('X25519', secret);
  const sealedKey = sealToCard(sealing, secret, info('key', registry), rng);
  secret.fill(0);
  return { publicKey, sealedKey };
}

/** Runs at: the central server. Learns nothing of the card. @param publicKey of {@link parcelKey} */
export function sealParcel(publicKey: Uint8Array, content: Uint8Array, registry: Registry, rng: Rng): Uint8Array {
  return hpkeSeal({ kem: 'X25519', publicKey }, content, { info: info('content', registry), aad: none }, rng);
}

/** Runs wherever the patient's card is. Throws `sealed-text`, the same whatever is wrong. */
export async function openParcel(
  card: Card,
  { sealedKey, sealed }: { readonly sealedKey: Uint8Array; readonly sealed: Uint8Array },
  registry: Registry,
): Promise<Uint8Array> {
  const secret = await openWithCard(card, sealedKey, info('key', registry));
  if (secret.length !== 32) throw fault('sealed-text', 'it was not sealed for this card');
  const key = softwareKey('X25519', secret);
  secret.fill(0);
  return hpkeOpen(key, sealed, { info: info('content', registry), aad: none });
}

function info(what: 'key' | 'content', { server, module }: Registry): Uint8Array {
  return hashLabelled('symbolon consent parcel', utf8(what), utf8(server), utf8(module));
}
