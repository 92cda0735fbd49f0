import { divide, type Fixed, multiply, type PlanBuilder, squareRoot } from '@symbolon/engine';

const FRACTION = 28;
/** ln y = 2^ROOTS · ln y^(2^−ROOTS). */
const ROOTS = 5;

/** ln y for 2^−20 ≤ y ≤ 1: of the 32nd root r, ln r = 2 artanh s by its series, s = (r − 1)/(r + 1), |s| < 0.22. */
export function logarithm(b: PlanBuilder, y: Fixed, fraction: number): Fixed {
  const unit = 1n << BigInt(FRACTION);
  const fixed = (wire: number & { wire: never }): Fixed => ({ wire, fraction: FRACTION });
  let root = y;
  for (let i = 0; i < ROOTS; i++) {
    root = fixed(b.linear([[1n, squareRoot(b, root, FRACTION).wire]], 0n, [unit >> 1n, unit]));
  }
  const less = fixed(b.linear([[-1n, root.wire]], unit, [0n, unit >> 1n]));
  const more = fixed(b.linear([[1n, root.wire]], unit, [unit, 2n * unit]));
  const s = divide(b, less, more, { fraction: FRACTION, bound: 1n });
  const square = multiply(b, s, s, FRACTION);
  const coefficient = (k: number): bigint => BigInt(Math.round(2 ** FRACTION / k));
  let sum = b.linear([[0n, s.wire]], coefficient(13));
  for (const k of [11, 9, 7, 5, 3, 1]) {
    sum = b.linear([[1n, multiply(b, fixed(sum), square, FRACTION).wire]], coefficient(k));
  }
  const log = multiply(b, fixed(sum), s, FRACTION);
  const bound = unit << 5n;
  const wire = b.linear([[-2n << BigInt(ROOTS), log.wire]], 0n, [-bound, bound]);
  return { wire: b.linear([[1n << BigInt(fraction - FRACTION), wire]]), fraction };
}
