import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { SurvivalShape } from './counts.ts';
import { timesOf } from './counts.ts';

/** A group, each wire with one word a time; local sums of the counts. */
export interface GroupRows {
  /** Who had the event at the time. */
  readonly events: Wire;
  /** Who was observed up to the time or longer. */
  readonly atRisk: Wire;
  /** Who had the event up to the time. */
  readonly eventsSoFar: Wire;
  /** Whose observation ended without it before the time. */
  readonly censoredBefore: Wire;
  /** All of the group with the event, without it: one word each. */
  readonly total: { readonly events: Wire; readonly censored: Wire };
}

/** @param most how many patients there are at most */
export function groupRows(b: PlanBuilder, counts: Wire, shape: SurvivalShape, most: bigint): GroupRows[] {
  const times = timesOf(shape);
  const row = (i: number): Wire => known(b, b.slice(counts, i * times, times), most);
  return Array.from({ length: shape.groups }, (_, g) => {
    const [events, censored] = [row(g), row(shape.groups + g)];
    const [eventsSoFar, censoredSoFar] = [events, censored].map((x) => runningSum(b, x, times, [0n, most])) as [
      Wire,
      Wire,
    ];
    const last = (x: Wire): Wire => b.slice(x, times - 1, 1);
    const total = { events: last(eventsSoFar), censored: last(censoredSoFar) };
    const censoredBefore = difference(b, censoredSoFar, censored, most);
    const all = b.repeat(b.add(total.events, total.censored), times);
    const atRisk = b.linear(
      [
        [1n, all],
        [-1n, eventsSoFar],
        [1n, events],
        [-1n, censoredBefore],
      ],
      0n,
      [0n, most],
    );
    return { events, atRisk, eventsSoFar, censoredBefore, total };
  });
}

/** In each word the sum of its row up to it, which lies within the range. Local. */
export function runningSum(b: PlanBuilder, x: Wire, row: number, range: readonly [bigint, bigint]): Wire {
  return b.linear([[1n, b.prefixSum(x, { row })]], 0n, range);
}

/** x − y, known to lie within 0 … `most`. */
export function difference(b: PlanBuilder, x: Wire, y: Wire, most: bigint): Wire {
  return b.linear(
    [
      [1n, x],
      [-1n, y],
    ],
    0n,
    [0n, most],
  );
}

function known(b: PlanBuilder, x: Wire, most: bigint): Wire {
  return b.linear([[1n, x]], 0n, [0n, most]);
}
