import { plainModulus, resultPrime, slotCount } from '../parameters.ts';
import { readSecretWords } from '../wire/seal-format.ts';
import { power, reverseBits, type Transform, transform } from './ntt.ts';

/** A result as it came: two polynomials, words of 8 bytes below the result prime, and the factor of the way down. */
export interface Result {
  readonly words: Uint8Array;
  readonly correction: number;
}

const q = resultPrime;
const t = BigInt(plainModulus);
let modQ: Transform | undefined;
let modT: Transform | undefined;

/**
 * The slots of a result: BGV decryption, m = [c0 + c1·s]_q mod t, without SEAL, because results come from a server that nobody trusts. Written for
 * clarity, some 30 ms a result; how long it takes depends on nothing secret but through BigInt's arithmetic, and on the owner's own machine.
 * Runs at: the key owner. @param secret words of the secret key modulo the result prime, in SEAL's transformed form
 */
export function decryptSlots({ words, correction }: Result, secret: Uint8Array): Float64Array {
  modQ ??= transform(slotCount, q);
  const values = phase(words, secret, q);
  modQ.inverse(values);
  const undo = power(BigInt(correction), t - 2n, t);
  for (const [i, value] of values.entries()) {
    const centred = value > q / 2n ? value - q : value;
    values[i] = ((((centred % t) + t) % t) * undo) % t;
  }
  return slotsOf(values);
}

/** The secret key modulo the result prime: all that {@link decryptSlots} needs. @param secret as SEAL saves it */
export function resultKey({ secret }: { readonly secret: Uint8Array }): Uint8Array {
  return readSecretWords(secret);
}

/** c0 + c1·s modulo a prime, value by value. @param words 8 bytes each, below the prime */
export function phase(words: Uint8Array, secret: Uint8Array, modulus: bigint): bigint[] {
  const [c, s] = [wordsOf(words), wordsOf(secret)];
  return Array.from({ length: slotCount }, (_, i) => (c[i]! + c[slotCount + i]! * s[i]!) % modulus);
}

function wordsOf(bytes: Uint8Array): BigUint64Array {
  const own = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  return new BigUint64Array(own.buffer, own.byteOffset, own.byteLength / 8);
}

/** The values in slots of a plain polynomial (Smart and Vercauteren, 2014): slot i is its value at ψ to a power of 3, the second half at the inverses. */
function slotsOf(coefficients: bigint[]): Float64Array {
  modT ??= transform(slotCount, t);
  modT.forward(coefficients);
  const slots = new Float64Array(slotCount);
  const bits = Math.log2(slotCount);
  const order = 2 * slotCount;
  for (let i = 0, position = 1; i < slotCount / 2; i++, position = (position * 3) % order) {
    slots[i] = Number(coefficients[reverseBits((position - 1) / 2, bits)]);
    slots[slotCount / 2 + i] = Number(coefficients[reverseBits((order - position - 1) / 2, bits)]);
  }
  return slots;
}
