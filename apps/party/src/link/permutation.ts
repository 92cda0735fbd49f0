import type { Rng } from '@symbolon/crypto';

/**
 * A uniform permutation of 0 … n−1 (Fisher–Yates; Knuth, TAOCP 2, 3.4.2 P), from rejection-sampled 32-bit numbers. Runs at: the owner
 * of a table, fresh for each run, and never leaves it: row numbers that the peer sees say nothing about the order of the source.
 */
export function randomOrder(n: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const next = uniform(rng);
  for (let i = n - 1; i > 0; i--) {
    const j = next(i + 1);
    const other = order[j]!;
    order[j] = order[i]!;
    order[i] = other;
  }
  return order;
}

/** Rows of equal length in another order: row i of the result is row `order[i]`. */
export function permuteRows(bytes: Uint8Array, order: Uint32Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  const length = bytes.length / order.length;
  for (let i = 0; i < order.length; i++) {
    const from = order[i]! * length;
    result.set(bytes.subarray(from, from + length), i * length);
  }
  return result;
}

const poolBytes = 4096;

/** Uniform numbers below a bound. */
function uniform(rng: Rng): (bound: number) => number {
  let pool: DataView = new DataView(new ArrayBuffer(0));
  let at = 0;
  const word = (): number => {
    if (at === pool.byteLength) {
      pool = new DataView(rng(poolBytes).buffer);
      at = 0;
    }
    at += 4;
    return pool.getUint32(at - 4, true);
  };
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = word();
      if (value < limit) return value % bound;
    }
  };
}
