import { concat, equalBytes, fault, type Rng, sha256, u32 } from '@symbolon/crypto';

// RFC 8017 §7.1 (RSAES-OAEP) with SHA-256, MGF1 and an empty label: the padding alone. Sealing takes its randomness as an argument; opening serves
// cards that compute c^d mod n and nothing more. The private key's owner unpads what came to itself, so time tells nobody else anything.

const hashBytes = 32;
const emptyLabel = sha256();

/** @param message at most `bytes` − 66 @param bytes of the modulus */
export function oaepPad(message: Uint8Array, bytes: number, rng: Rng): Uint8Array {
  const space = bytes - 2 * hashBytes - 2 - message.length;
  if (space < 0) throw new RangeError('a message too long for OAEP');
  const seed = rng(hashBytes);
  const data = concat(emptyLabel, new Uint8Array(space), Uint8Array.of(1), message);
  const maskedData = xor(data, mgf1(seed, data.length));
  const maskedSeed = xor(seed, mgf1(maskedData, hashBytes));
  return concat(Uint8Array.of(0), maskedSeed, maskedData);
}

/** Throws `sealed-text`, the same whatever is wrong. @param padded c^d mod n, as long as the modulus */
export function oaepUnpad(padded: Uint8Array): Uint8Array {
  if (padded.length < 2 * hashBytes + 2) throw notSealed();
  const maskedData = padded.subarray(1 + hashBytes);
  const seed = xor(padded.subarray(1, 1 + hashBytes), mgf1(maskedData, hashBytes));
  const data = xor(maskedData, mgf1(seed, maskedData.length));
  const one = data.findIndex((byte, at) => at >= hashBytes && byte !== 0);
  if (padded[0] !== 0 || one < 0 || data[one] !== 1 || !equalBytes(data.subarray(0, hashBytes), emptyLabel)) {
    throw notSealed();
  }
  return data.slice(one + 1);
}

const notSealed = () => fault('sealed-text', 'it was not sealed for this card');

/** RFC 8017 §B.2.1. */
function mgf1(seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / hashBytes) }, (_, i) => sha256(seed, u32(i).reverse()));
  return concat(...blocks).subarray(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}
