import type { Rng } from './random.ts';

/**
 * A uniform permutation of 0 … n−1 (Fisher–Yates; Knuth, TAOCP 2, 3.4.2 P), from rejection-sampled 32-bit numbers. Runs at: whoever may
 * know it; `rng` may be a generator that two share.
 */
export function randomOrder(n: number, rng: Rng): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
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
  let pool = new Uint32Array(0);
  let at = 0;
  const word = (): number => {
    if (at === pool.length) {
      pool = new Uint32Array(rng(poolBytes).slice().buffer);
      at = 0;
    }
    return pool[at++]!;
  };
  return (bound) => {
    // 2^32 mod bound. Everything stays within 32 bits, where % is a machine instruction.
    const excess = (-bound >>> 0) % bound;
    for (;;) {
      const value = word();
      if (value <= 0xffffffff - excess) return value % bound;
    }
  };
}
