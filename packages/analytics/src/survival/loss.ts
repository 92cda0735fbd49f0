import { type Fixed, log, type PlanBuilder, type Wire } from '@symbolon/engine';

/** Below 2^−SMALL a hazard goes by its series. */
const SMALL = 5;
/** Fraction bits of the hazard's powers, each cut so that it fits one product, and of 1/i. */
const CUTS = [40, 30, 20, 15] as const;
const WEIGHT = 16;

/**
 * −ln(1 − x) for 0 ≤ x < 1, x with 40 fraction bits. Most hazards are small, and there are many: for x < 2^−5 it is x + x²/2 + x³/3 + x⁴/4, with an error of 2^−22
 * of itself; for others, of which a curve that is not near 0 has few, that of `log`. 11 rounds.
 *
 * @param most 1 − x ≥ 1/most
 */
export function logLoss(b: PlanBuilder, hazard: Wire, most: bigint, fraction: number): Fixed {
  const unit = 1n << BigInt(CUTS[0]);
  const lives = b.linear([[-1n, hazard]], unit, [unit / most, unit]);
  const large = log(b, { wire: lives, fraction: CUTS[0] }, fraction).wire;
  const small = b.truncate(series(b, hazard), CUTS[0] + WEIGHT - fraction);
  const isSmall = b.lessThanZero(b.linear([[1n, hazard]], -(unit >> BigInt(SMALL))));
  const both = b.linear([
    [1n, small],
    [1n, large],
  ]);
  const wire = b.linear([
    [1n, b.bitDot([isSmall], [both])],
    [-1n, large],
  ]);
  return { wire, fraction };
}

/** Σ x^i/i, with CUTS[0] + WEIGHT fraction bits. */
function series(b: PlanBuilder, x: Wire): Wire {
  const powers = CUTS.map((bits, i) => {
    if (i === 0) return x;
    const cut = b.truncate(x, CUTS[0] - bits);
    return b.truncate(b.products([[{ factors: Array<Wire>(i + 1).fill(cut) }]])[0]!, (i + 1) * bits - CUTS[0]);
  });
  return b.linear(powers.map((power, i) => [BigInt(Math.round(2 ** WEIGHT / (i + 1))), power]));
}
