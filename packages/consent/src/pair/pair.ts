import { concat, fault, hashLabelled, hkdf, type Rng, u32, utf8 } from '@symbolon/crypto';
import { type Card, cardSigned } from '../card/keys.ts';
import { openWithCard, sealToCard } from '../card/seal.ts';
import { disguise, padded, undisguise, unpadded } from './disguise.ts';
import { type Registry, unwrap, wrap } from './envelope.ts';

// A pair (K, K″) is the paper's fingerprint of a card (§5.1): K″ opens by the card alone and says K, of which the central server keeps a hash.
// One pair, one re-identification.

/** Pairs that one visit deploys. */
export const deployedPairs = 4;

/** Bytes of a K. */
export const secretBytes = 32;

/**
 * The secrets K_i of a session's pairs, both ends' freshness in each: HKDF of the X25519 secret of client and server, salted by the server's nonce.
 * Runs at: client and central server, with equal results.
 */
export function pairSecrets(
  shared: Uint8Array,
  { session, nonce }: { session: Uint8Array; nonce: Uint8Array },
): Uint8Array[] {
  return Array.from({ length: deployedPairs }, (_, i) =>
    hkdf(shared, nonce, concat(utf8('symbolon consent pair '), u32(i), session), secretBytes),
  );
}

/** What the central server keeps of K: SHA-256 with a label, 32 bytes. */
export function fingerprintOf(secret: Uint8Array): Uint8Array {
  return hashLabelled('symbolon consent fingerprint', secret);
}

/**
 * K″ of a K: K and the card's signature on it for this registry, sealed to the card, in an envelope that looks like any other's. Runs at: the client, with the card.
 * Learns: K, so its own institution is never challenged with this pair.
 */
export async function makePair(
  card: Card,
  secret: Uint8Array,
  { registry, wrapKey, rng }: { registry: Registry; wrapKey: Uint8Array; rng: Rng },
): Promise<Uint8Array> {
  const signature = await card.sign(signedText(registry, secret));
  const text = padded(secret, signature);
  const sealed = sealToCard(card.sealing, text, info(registry), rng);
  text.fill(0);
  return wrap(wrapKey, disguise(card.sealing, sealed, rng), registry, rng);
}

/**
 * K of a K″, if this card made it for this registry. Throws `consent-unanswered`, the same whatever is wrong: a server that seals to a key it
 * guessed learns nothing from it. Runs at: the client, with the card.
 */
export async function openPair(
  card: Card,
  envelope: Uint8Array,
  { registry, wrapKey }: { registry: Registry; wrapKey: Uint8Array },
): Promise<Uint8Array> {
  let text: Uint8Array | undefined;
  try {
    const sealed = undisguise(card.sealing, unwrap(wrapKey, envelope, registry));
    text = await openWithCard(card, sealed, info(registry));
    const { secret, signature } = unpadded(text);
    if (cardSigned(card.signing, signedText(registry, secret), signature)) return secret;
  } catch {
    // Which check failed stays here.
  } finally {
    text?.fill(0);
  }
  throw fault('consent-unanswered', 'this card does not answer for this patient');
}

function signedText({ server, module }: Registry, secret: Uint8Array): Uint8Array {
  return hashLabelled('symbolon consent signed pair', utf8(server), utf8(module), secret);
}

function info({ server, module }: Registry): Uint8Array {
  return hashLabelled('symbolon consent sealed pair', utf8(server), utf8(module));
}
