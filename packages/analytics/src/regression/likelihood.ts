import { log, type PlanBuilder, type Wire } from '@symbolon/engine';
import { PROBABILITY, type ScaledDesign } from './design.ts';
import type { NewtonStep } from './newton.ts';

/** Fraction bits of the log-likelihood. */
export const LIKELIHOOD = 20;

/** Σ y·η − max(η, 0) + ln σ(|η|) over the lanes that count: σ(|η|) ≥ ½, so that neither end loses digits. */
export function logLikelihood(b: PlanBuilder, design: ScaledDesign, { predictor, probability }: NewtonStep): Wire {
  const unit = 1n << BigInt(PROBABILITY);
  const negative = b.lessThanZero(predictor);
  const below = b.bitDot([negative], [predictor]);
  const turn = b.bitDot([negative], [b.linear([[-2n, probability]], unit)]);
  const larger = b.linear(
    [
      [1n, probability],
      [1n, turn],
    ],
    0n,
    [(unit >> 1n) - 16n, unit + 16n],
  );
  const logs = log(b, { wire: larger, fraction: PROBABILITY }, LIKELIHOOD).wire;
  const share = b.linear([
    [1n, logs],
    [-1n, predictor],
    [1n, below],
  ]);
  // Of lanes without weight, ln ½ is rounded: together they would tell, so they are weighed and not taken away.
  const most = BigInt(design.lanes) << 42n;
  return b.linear(
    [
      [1n, b.dot(design.outcome, predictor)],
      [1n, b.dot(design.weight, share)],
    ],
    0n,
    [-most, most],
  );
}
