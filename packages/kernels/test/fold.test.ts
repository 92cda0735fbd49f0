import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Width } from '../src/index.ts';
import { picker, pointerTable, runs, wasm } from './harness.ts';

const { abi, arena } = wasm;
const PARTIES = 2;

/** Vectors of n values modulo 2^width, as bigints. */
function noise(width: number, n: number, pick: (lo: number, hi: number) => number): bigint[] {
  const limb = () => BigInt(pick(0, 2 ** 32 - 1));
  return Array.from({ length: n }, () => BigInt.asUintN(width, (limb() << 32n) | limb()));
}

/** λ_S = the product of λ_k over S, shared additively (for bits: by ⊕) among the parties. */
function shareProducts(
  lambda: bigint[][],
  n: number,
  subtract: (x: bigint, y: bigint) => bigint,
  share: () => bigint[],
) {
  return Array.from({ length: 2 ** lambda.length }, (_, s) => {
    const others = Array.from({ length: PARTIES - 1 }, share);
    const rest = Array.from({ length: n }, (_, i) => {
      const product = lambda.reduce((p, l, k) => ((s >> k) & 1 ? p * l[i]! : p), 1n);
      return others.reduce((p, o) => subtract(p, o[i]!), product);
    });
    return [rest, ...others];
  });
}

describe.each([16, 32, 64] as const)('fold%i', (width: Width) => {
  const view = { 16: arena.u16, 32: arena.u32, 64: arena.u64 }[width].bind(arena);
  const store = (values: bigint[]) => {
    const ptr = arena.alloc((values.length * width) / 8);
    const to = view(ptr, values.length);
    for (const [i, v] of values.entries()) to[i] = width === 64 ? v : Number(BigInt.asUintN(width, v));
    return ptr;
  };

  test("the parties' results add up to c · ∏(Δ_k − λ_k)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }), fc.integer(), (f, n, seed) => {
        const pick = picker(seed);
        const vector = () => noise(width, n, pick);
        const deltas = Array.from({ length: f }, vector);
        const lambda = Array.from({ length: f }, vector);
        const shares = shareProducts(lambda, n, (x, y) => x - y, vector);
        const c = pick(-5, 5);
        const out = store(Array(n).fill(0n));
        const table = pointerTable(wasm, deltas.map(store));
        for (let party = 0; party < PARTIES; party++) {
          const mine = pointerTable(
            wasm,
            shares.map((s) => store(s[party]!)),
          );
          if (width === 64) abi.fold64(out, table, mine, BigInt(c), f, n);
          else abi[`fold${width}`](out, table, mine, c, f, n);
        }
        const wanted = Array.from({ length: n }, (_, i) =>
          BigInt.asUintN(
            width,
            deltas.reduce((p, d, k) => p * (d[i]! - lambda[k]![i]!), BigInt(c)),
          ),
        );
        expect(Array.from(view(out, n), BigInt)).toEqual(wanted);
        arena.zeroise();
      }),
      { numRuns: runs },
    );
  });
});

test("fold: the parties' results add up to gate ∧ ∏(Δ_k ⊕ λ_k)", () => {
  const store = (bits: bigint[]) => {
    const ptr = arena.alloc(bits.length / 8);
    const to = arena.bytes(ptr, bits.length / 8).fill(0);
    for (const [i, bit] of bits.entries()) to[i >> 3]! |= Number(bit & 1n) << (i & 7);
    return ptr;
  };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }), fc.integer(), (f, bytes, seed) => {
      const pick = picker(seed);
      const n = 8 * bytes;
      const vector = () => noise(1, n, pick);
      const deltas = Array.from({ length: f }, vector);
      const lambda = Array.from({ length: f }, vector);
      const gate = vector();
      const shares = shareProducts(lambda, n, (x, y) => x ^ y, vector);
      const out = store(Array(n).fill(0n));
      const table = pointerTable(wasm, deltas.map(store));
      for (let party = 0; party < PARTIES; party++) {
        const mine = pointerTable(
          wasm,
          shares.map((s) => store(s[party]!)),
        );
        abi.fold(out, table, mine, store(gate), f, bytes);
      }
      const wanted = gate.map((g, i) => deltas.reduce((p, d, k) => p & (d[i]! ^ lambda[k]![i]!), g));
      expect(arena.bytes(out, bytes)).toEqual(arena.bytes(store(wanted), bytes));
      arena.zeroise();
    }),
    { numRuns: runs },
  );
});
