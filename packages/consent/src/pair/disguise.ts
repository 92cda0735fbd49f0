import { concat, ephemeralKey, fault, type Rng } from '@symbolon/crypto';
import type { CardKey } from '../card/keys.ts';
import { type Registry, wrap } from './envelope.ts';

// Whoever has a patient's W sees what is in an envelope. What is sealed to a card has a kind, a length and values that betray it:
// points are on a curve, RSA ciphertexts are below the modulus. So all texts have the same fields, whatever the card, and random values where the card uses
// none; RSA ciphertexts get a random multiple of the modulus (Bellare, Boldyreva, Desai, Pointcheval, ASIACRYPT 2001, §5). A decoy has random values
// throughout: without the card nobody can tell it from a pair.

const pointBytes = { 'P-256': 65, 'P-384': 97 } as const;
/** 128 bits more than the longest modulus: the multiple hides it to within 2^-128. */
const rsaBytes = 4096 / 8 + 16;
const multipleBytes = 300;
const signatureBytes = 512;
const lengthBytes = 2;
const tagBytes = 16;
/** K, and a signature of any card. */
const plainBytes = 32 + lengthBytes + signatureBytes;
const bodyBytes = plainBytes + tagBytes;

/** Bytes of what an envelope holds: those of a decoy too. */
export const disguisedBytes = pointBytes['P-256'] + pointBytes['P-384'] + rsaBytes + bodyBytes;

/** K and the card's signature on it, the same length for all cards. */
export function padded(secret: Uint8Array, signature: Uint8Array): Uint8Array {
  const length = Uint8Array.of(signature.length >> 8, signature.length & 0xff);
  return concat(secret, length, signature, new Uint8Array(signatureBytes - signature.length));
}

/** Takes them apart again. Throws `sealed-text`. */
export function unpadded(text: Uint8Array): { secret: Uint8Array; signature: Uint8Array } {
  if (text.length !== plainBytes) throw notSealed();
  const length = text[32]! * 256 + text[33]!;
  if (length > signatureBytes) throw notSealed();
  return { secret: text.slice(0, 32), signature: text.slice(32 + lengthBytes, 32 + lengthBytes + length) };
}

/** Gives what is sealed to a card the looks of what is sealed to any. Runs at: the client. */
export function disguise(key: CardKey, sealed: Uint8Array, rng: Rng): Uint8Array {
  const end = key.kind === 'ec' ? key.point.length : key.bytes;
  const [head, body] = [sealed.subarray(0, end), sealed.subarray(end)];
  if (body.length !== bodyBytes) throw new RangeError(`a sealed text of ${body.length} bytes for a pair`);
  const point = (curve: keyof typeof pointBytes): Uint8Array =>
    key.kind === 'ec' && key.curve === curve ? head : ephemeralKey(curve, rng).publicKey;
  const rsa = key.kind === 'rsa' ? widened(head, key.modulus, rng) : rng(rsaBytes);
  return concat(point('P-256'), point('P-384'), rsa, body);
}

/** What was sealed to a card of this kind. Throws `sealed-text`. Runs at: the client. */
export function undisguise(key: CardKey, text: Uint8Array): Uint8Array {
  if (text.length !== disguisedBytes) throw notSealed();
  const starts = { 'P-256': 0, 'P-384': pointBytes['P-256'] } as const;
  const rsaStart = pointBytes['P-256'] + pointBytes['P-384'];
  const body = text.subarray(rsaStart + rsaBytes);
  if (key.kind === 'ec') {
    const start = starts[key.curve];
    return concat(text.subarray(start, start + pointBytes[key.curve]), body);
  }
  const number = toNumber(text.subarray(rsaStart, rsaStart + rsaBytes)) % key.modulus;
  return concat(toBytes(number, key.bytes), body);
}

/** An envelope that no card opens. Runs at: the module, which fills up challenges with it. @param wrapKey W, 32 bytes */
export function decoy(wrapKey: Uint8Array, registry: Registry, rng: Rng): Uint8Array {
  const points = [ephemeralKey('P-256', rng).publicKey, ephemeralKey('P-384', rng).publicKey];
  return wrap(wrapKey, concat(...points, rng(rsaBytes), rng(bodyBytes)), registry, rng);
}

/** c + t·n for a random t: uniform below 2^(8·rsaBytes), but for 2^-128. */
function widened(ciphertext: Uint8Array, modulus: bigint, rng: Rng): Uint8Array {
  const multiples = (1n << BigInt(8 * rsaBytes)) / modulus;
  const multiple = toNumber(rng(multipleBytes)) % multiples;
  return toBytes(toNumber(ciphertext) + multiple * modulus, rsaBytes);
}

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

function toBytes(number: bigint, length: number): Uint8Array {
  return new Uint8Array(Buffer.from(number.toString(16).padStart(2 * length, '0'), 'hex'));
}

const notSealed = () => fault('sealed-text', 'it was not sealed for this card');
