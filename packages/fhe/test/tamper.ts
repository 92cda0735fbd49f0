import { reverseBits, transform } from '../src/decrypt/ntt.ts';
import { type LastCiphertext, plainModulus, resultPrime, slotCount } from '../src/index.ts';

// What a server can do to results without any key: BGV ciphertexts may be added to, and (m, 0) is one of m.

const t = BigInt(plainModulus);
const modT = transform(slotCount, t);
const modQ = transform(slotCount, resultPrime);

/** The result with a number added to each slot. */
export function withAdded({ words, correction }: LastCiphertext, numbers: ArrayLike<number>): LastCiphertext {
  const added = plainWords(numbers, correction);
  const own = new BigUint64Array(words.slice().buffer);
  for (const [i, word] of added.entries()) own[i] = (own[i]! + word) % resultPrime;
  return { words: new Uint8Array(own.buffer), correction };
}

/** An encryption of numbers that nobody asked for. */
export function freshResult(numbers: ArrayLike<number>): LastCiphertext {
  return withAdded({ words: new Uint8Array(2 * slotCount * 8), correction: 1 }, numbers);
}

/** (0, 1): decrypts to the secret key itself. */
export function betrayingResult({ correction }: LastCiphertext): LastCiphertext {
  const words = new BigUint64Array(2 * slotCount).fill(1n, slotCount);
  return { words: new Uint8Array(words.buffer), correction };
}

/** The polynomial with these slots, times the correction factor, in the form of a result's words. */
function plainWords(numbers: ArrayLike<number>, correction: number): bigint[] {
  const values = Array.from({ length: slotCount }, () => 0n);
  const bits = Math.log2(slotCount);
  const order = 2 * slotCount;
  for (let i = 0, position = 1; i < slotCount / 2; i++, position = (position * 3) % order) {
    values[reverseBits((position - 1) / 2, bits)] = BigInt(numbers[i]!);
    values[reverseBits((order - position - 1) / 2, bits)] = BigInt(numbers[slotCount / 2 + i]!);
  }
  modT.inverse(values);
  const coefficients = values.map((value) => {
    const scaled = (value * BigInt(correction)) % t;
    return scaled > t / 2n ? resultPrime + scaled - t : scaled;
  });
  modQ.forward(coefficients);
  return coefficients;
}
