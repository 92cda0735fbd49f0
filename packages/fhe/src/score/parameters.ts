import { hashLabelled, utf8 } from '@symbolon/crypto';
import { slotCount } from '../parameters.ts';
import type { FreshForm } from '../wire/seal-format.ts';

// CKKS (Cheon, Kim, Kim and Song, ASIACRYPT 2017) with SEAL's primes of 60, 40 and 60 bits: 160 bits at N = 8192, where 128-bit security allows 218. For
// results that stay with the key owner: whoever sees a ciphertext and its decryption to all digits computes the key (Li and Micciancio, EUROCRYPT 2021).

/** The primes of fresh ciphertexts, then the one for switching keys, which SEAL wants and nothing here uses. */
export const scorePrimes = [1152921504606748673n, 1099511480321n, 1152921504606830593n] as const;

/** Primes of a fresh ciphertext; of a result one is left. */
export const freshScorePrimes = 2;

/** Slots of a ciphertext: half the degree, as slots are complex numbers, of which only the real part is used. */
export const scoreSlots: number = slotCount / 2;

/** What numbers are multiplied by before they are rounded. */
export const scoreScale: number = 2 ** 40;

/** How fresh ciphertexts look. */
export const scoreForm: FreshForm = { primes: freshScorePrimes, scale: scoreScale };

/** Results are below this, so that scale · result stays below half the last prime: 2^59 / 2^40. */
export const mostScore: number = 2 ** 18;

/** Features are below this: what is encoded of them is far from the modulus, and exact to more than the noise. */
export const mostFeature: number = 2 ** 40;

/** Bytes of a chunk's result: two polynomials modulo the one prime that is left. */
export const scoreResultBytes: number = 2 * slotCount * 8;

/** Names all of the above, 32 bytes. */
export const scoreParametersId: Uint8Array = hashLabelled(
  'symbolon fhe parameters',
  utf8(`CKKS ${slotCount} ${scorePrimes.join(' ')} ${scoreScale} tc128`),
);
