// The negacyclic number-theoretic transform that SEAL uses (native/src/seal/util/ntt.cpp; Longa and Naehrig, CANS 2016): place j, bits reversed, holds
// the value of a polynomial at ψ^(2j+1), ψ the least primitive 2N-th root of unity modulo q.

/** `i` with its lowest `bits` bits in the opposite order. */
export function reverseBits(i: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit++) reversed = (reversed << 1) | ((i >>> bit) & 1);
  return reversed;
}

/** Both directions modulo one prime. */
export interface Transform {
  /** Coefficients to values; in place. */
  forward(values: bigint[]): void;
  /** Values to coefficients; in place. */
  inverse(values: bigint[]): void;
}

/** @param degree N, a power of two @param modulus a prime that is 1 mod 2N */
export function transform(degree: number, modulus: bigint): Transform {
  const bits = Math.log2(degree);
  const root = leastRoot(BigInt(2 * degree), modulus);
  const powers = scrambledPowers(root, degree, bits, modulus);
  const inverses = scrambledPowers(power(root, modulus - 2n, modulus), degree, bits, modulus);
  const degreeInverse = power(BigInt(degree), modulus - 2n, modulus);
  return {
    // Cooley–Tukey, decimation in time.
    forward(values) {
      for (let blocks = 1, half = degree / 2; half >= 1; blocks *= 2, half /= 2) {
        for (let block = 0; block < blocks; block++) {
          const factor = powers[blocks + block]!;
          for (let i = 2 * block * half; i < (2 * block + 1) * half; i++) {
            const odd = (values[i + half]! * factor) % modulus;
            const even = values[i]!;
            values[i] = (even + odd) % modulus;
            values[i + half] = (even - odd + modulus) % modulus;
          }
        }
      }
    },
    // Gentleman–Sande, decimation in frequency: each step undone, last first.
    inverse(values) {
      for (let blocks = degree / 2, half = 1; blocks >= 1; blocks /= 2, half *= 2) {
        for (let block = 0; block < blocks; block++) {
          const factor = inverses[blocks + block]!;
          for (let i = 2 * block * half; i < (2 * block + 1) * half; i++) {
            const [one, other] = [values[i]!, values[i + half]!];
            values[i] = (one + other) % modulus;
            values[i + half] = ((one - other + modulus) * factor) % modulus;
          }
        }
      }
      for (let i = 0; i < degree; i++) values[i] = (values[i]! * degreeInverse) % modulus;
    },
  };
}

function scrambledPowers(root: bigint, degree: number, bits: number, modulus: bigint): bigint[] {
  const powers = new Array<bigint>(degree);
  let value = 1n;
  for (let i = 0; i < degree; i++) {
    powers[reverseBits(i, bits)] = value;
    value = (value * root) % modulus;
  }
  return powers;
}

/** The least element of this order, a power of two, modulo a prime. */
function leastRoot(order: bigint, modulus: bigint): bigint {
  let root = 0n;
  for (let base = 2n; ; base++) {
    root = power(base, (modulus - 1n) / order, modulus);
    if (power(root, order / 2n, modulus) === modulus - 1n) break;
  }
  const square = (root * root) % modulus;
  let least = root;
  for (let i = 1n; i < order / 2n; i++) {
    root = (root * square) % modulus;
    if (root < least) least = root;
  }
  return least;
}

/** Square and multiply; for public values. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
