import { hashLabelled, utf8 } from '@symbolon/crypto';

// BGV (Brakerski, Gentry, Vaikuntanathan, ITCS 2012) with SEAL's primes for 128-bit security at N = 8192 (homomorphicencryption.org, 2018, table 1: at most
// 218 bits). They stand here in full: nothing about security is ever taken from outside.

/** Slots of a ciphertext, and degree of its polynomials. */
export const slotCount = 8192;

/** The primes of fresh ciphertexts; the last one is for switching keys alone. Their product has 218 bits. */
export const primes = [8796092858369n, 8796092792833n, 17592186028033n, 17592185438209n, 17592184717313n] as const;

/** Primes of a fresh ciphertext. */
export const freshPrimes = 4;

/** The prime of results: those of fewer primes are shorter, and say less of the noise. */
export const resultPrime = primes[0];

/** Slots hold numbers modulo this prime; it is 1 mod 2N, so that there are as many slots as coefficients. */
export const plainModulus = 1032193;

/**
 * Products one after the other that leave the noise far enough below the modulus: measured at 110, 72 and 35 bits of budget after one, two and
 * three, before results are brought to one prime.
 */
export const mostDepth = 3;

/** The same where a model of the server's is in it: what hides the model in the noise takes the budget of the third. */
export const mostSecretDepth = 2;

/** Names all of the above, 32 bytes: what two sides compare. */
export const parametersId: Uint8Array = hashLabelled(
  'symbolon fhe parameters',
  utf8(`BGV ${slotCount} ${primes.join(' ')} ${plainModulus} tc128`),
);
