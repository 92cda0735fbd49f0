import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { Interval } from './nodes.ts';

/** In each row the sum of all up to it: local, by doubling. @param range of every one of them, where that is less than doubling proves */
export function prefixSums(builder: PlanBuilder, values: Wire, range: Interval): Wire {
  const { size } = builder.type(values);
  let sums = values;
  for (let by = 1; by < size; by *= 2) sums = combined(builder, [1n, sums], [1n, shifted(builder, sums, by)], range);
  return sums;
}

/** Of each row and the one before. */
export function differences(builder: PlanBuilder, sums: Wire, range: Interval): Wire {
  return combined(builder, [1n, sums], [-1n, shifted(builder, sums, 1)], range);
}

/** Every word `by` rows further down, or up; zeros where nothing comes from. */
export function shifted(builder: PlanBuilder, x: Wire, by: number): Wire {
  const { size } = builder.type(x);
  const away = Math.min(Math.abs(by), size);
  const zeros = builder.linear([[0n, builder.slice(x, 0, away)]], 0n);
  if (away === size) return zeros;
  const rest = builder.slice(x, by > 0 ? 0 : away, size - away);
  return builder.concat(by > 0 ? [zeros, rest] : [rest, zeros]);
}

/** 0, 1, 2 …, in the shape of a wire of words. */
export function indexLike(builder: PlanBuilder, x: Wire): Wire {
  const { size } = builder.type(x);
  const ones = builder.linear([[0n, x]], 1n, [1n, 1n]);
  return builder.linear([[1n, prefixSums(builder, ones, [0n, BigInt(size)])]], -1n, [0n, BigInt(size - 1)]);
}

type Term = readonly [coefficient: bigint, wire: Wire];

function combined(builder: PlanBuilder, x: Term, y: Term, range: Interval): Wire {
  return builder.linear([x, y], 0n, range);
}
