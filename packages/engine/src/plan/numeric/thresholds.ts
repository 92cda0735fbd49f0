import type { PlanBuilder } from '../builder.ts';
import type { Wire } from '../types.ts';
import { bounds, largest } from './fixed.ts';

/** For each threshold, ascending: is x below it? Three rounds; a comparison each, all as one operation. */
export function below(builder: PlanBuilder, x: Wire, thresholds: readonly bigint[]): Wire[] {
  if (thresholds.length === 0) return [];
  const { size } = builder.type(x);
  const [lo, hi] = bounds(builder, x);
  const most = largest([lo - thresholds.at(-1)!, hi - thresholds[0]!]);
  const words = most < 1n << 15n ? builder.narrow(x, 16) : most < 1n << 31n ? builder.narrow(x, 32) : x;
  // Rows of whole bytes, as bits are cut there.
  const missing = -size & 7;
  const zero = builder.linear([[0n, builder.slice(words, 0, 1)]]);
  const padding = missing === 0 ? [] : [builder.tile(zero, missing)];
  const differences = thresholds.flatMap((threshold) => [builder.linear([[1n, words]], -threshold), ...padding]);
  const bits = builder.lessThanZero(builder.concat(differences));
  return thresholds.map((_, j) => builder.slice(bits, j * (size + missing), size));
}
