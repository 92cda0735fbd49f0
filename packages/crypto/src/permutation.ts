import type { Rng } from './random.ts';

/**
 * A uniform permutation of 0 … n−1 (Fisher–Yates; Knuth, TAOCP 2, 3.4.2 P), from rejection-sampled 32-bit numbers. Runs at: whoever may
 * know it; `rng` may be a generator that two share.
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

const poolBytes = 4096;

/** Uniform numbers below a bound. */
function uniform(rng: Rng): (bound: number) => number {
  let pool: DataView = new DataView(new ArrayBuffer(0));
  let at = 0;
  const word = (): number => {
    if (at === pool.byteLength) {
      const { buffer, byteOffset, byteLength } = rng(poolBytes);
      pool = new DataView(buffer, byteOffset, byteLength);
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
