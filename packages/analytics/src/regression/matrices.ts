import type { PlanBuilder, Wire } from '@symbolon/engine';

/*
 * Small square matrices in fixed point, symmetric and positive semidefinite with eigenvalues of at most 1, by polynomials in them alone: no
 * division, no pivot, the same steps whatever the data. Their iterates commute with the matrix, so their eigenvalues and with them
 * the bound of every entry are known when the plan is made, for singular matrices too.
 */

/** Fraction bits of every matrix here. */
export const FRACTION = 25;

/** A square of `size`, row by row. */
export interface Square {
  readonly size: number;
  readonly wire: Wire;
}

/**
 * a·bᵀ in fixed point, `drop` fraction bits fewer. Two rounds.
 * @param bound what no entry of the product exceeds, as a power of two of the wires' unit
 */
export function fixedProduct(
  b: PlanBuilder,
  [x, y]: readonly [Wire, Wire],
  shape: { rows: number; cols: number; inner: number },
  { bound, drop }: { bound: number; drop: number },
): Wire {
  const most = 1n << BigInt(bound);
  return b.truncate(b.matmul(x, y, { ...shape, range: [-most, most] }), drop);
}

/** The identity, times `unit`. @param like any wire: what is public needs one to stand on */
export function identity(b: PlanBuilder, size: number, unit: bigint, like: Wire): Wire {
  const zero = b.linear([[0n, b.slice(like, 0, 1)]]);
  const one = b.linear([[0n, zero]], unit);
  const gap = b.repeat(zero, size);
  return b.concat(Array.from({ length: size }, (_, i) => (i === 0 ? [one] : [gap, one])).flat());
}

/**
 * A^(−1/2) by the coupled iteration of Newton and Schulz: Y ← Y(3 − ZY)/2, Z ← (3 − ZY)Z/2 from Y = A, Z = 1 (N. Higham, Functions of
 * Matrices, 2008, §6.3; rounding stays harmless in just this order of factors). With an eigenvalue λ of A, that of Z grows from 1 to λ^(−1/2), by a
 * factor of 1.5 a step at most: after `steps` it is at most 1.5^steps, whatever λ. 4 rounds a step.
 */
export function inverseRoot(b: PlanBuilder, { size, wire }: Square, steps: number): Square {
  const square = { rows: size, cols: size, inner: size };
  let [y, z] = [wire, identity(b, size, 1n << BigInt(FRACTION), wire)];
  for (let step = 1; step <= steps; step++) {
    const product = fixedProduct(b, [y, z], square, { bound: 2 * FRACTION + 1, drop: FRACTION });
    const bound = 2 * FRACTION + 1 + Math.ceil(step * Math.log2(1.5));
    [y, z] = [
      combined(b, [3n, y], [product, y], square, { bound: 2 * FRACTION + 2, drop: FRACTION + 1 }),
      combined(b, [3n, z], [z, b.transpose(product, [size, size])], square, { bound, drop: FRACTION + 1 }),
    ];
  }
  return { size, wire: z };
}

/**
 * A⁻¹ by the iteration of Schulz: V ← 2V − V·A·V from V = 1 (G. Schulz, Z. angew. Math. Mech. 13 (1933) 57). The eigenvalue of V is
 * (1 − (1 − λ)^(2^steps))/λ, at most 2^steps, and for λ ≥ 2^(2 − steps) within 2 % of 1/λ. 4 rounds a step but the first.
 */
export function inverse(b: PlanBuilder, { size, wire }: Square, steps: number): Square {
  const square = { rows: size, cols: size, inner: size };
  let v = b.subtract(identity(b, size, 2n << BigInt(FRACTION), wire), wire);
  for (let step = 2; step <= steps; step++) {
    const product = fixedProduct(b, [v, wire], square, { bound: 2 * FRACTION + 2, drop: FRACTION });
    v = combined(b, [2n, v], [product, v], square, { bound: 2 * FRACTION + 1 + step, drop: FRACTION });
  }
  return { size, wire: v };
}

/** c·m − x·yᵀ in fixed point, `drop` fraction bits fewer than the product has. */
function combined(
  b: PlanBuilder,
  [c, m]: readonly [bigint, Wire],
  [x, y]: readonly [Wire, Wire],
  square: { rows: number; cols: number; inner: number },
  { bound, drop }: { bound: number; drop: number },
): Wire {
  const most = 1n << BigInt(bound);
  const product = b.matmul(x, y, { ...square, range: [-most, most] });
  const sum = b.linear(
    [
      [c << BigInt(FRACTION), m],
      [-1n, product],
    ],
    0n,
    [-most, most],
  );
  return b.truncate(sum, drop);
}
