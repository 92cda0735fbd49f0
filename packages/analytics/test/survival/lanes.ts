import type { Plan, Wire } from '@symbolon/engine';
import { PlanBuilder, pack } from '@symbolon/engine';
import fc from 'fast-check';
import type { SurvivalLanes, SurvivalShape } from '../../src/survival/counts.ts';

/** Follow-up of a lane; without weight it must not count, whatever else it says. */
export interface Lane {
  readonly time: number;
  readonly event: boolean;
  readonly group: number;
  readonly weight: boolean;
}

/** Lanes of a few groups and times, with ties; some groups may stay empty, some lanes without weight. */
export const lanesOf = (times: number, groups: number, most: number) =>
  fc.array(
    fc.record({
      time: fc.integer({ min: 0, max: times - 1 }),
      event: fc.boolean(),
      group: fc.integer({ min: 0, max: groups - 1 }),
      weight: fc.boolean(),
    }),
    { minLength: 1, maxLength: most },
  );

/** A plan over lanes whose time and event are p1's, whose groups and weight are p0's. */
export function planOf(
  size: number,
  shape: SurvivalShape,
  write: (b: PlanBuilder, lanes: SurvivalLanes) => void,
  parties = 2,
): Plan {
  const b = new PlanBuilder(parties);
  const range = [0n, BigInt(shape.to)] as const;
  const time = b.input('time', 1, { ring: 64, size, range });
  const event = b.inputBits('event', 1, size);
  const weight = b.inputBits('weight', 0, size);
  const groups = Array.from({ length: shape.groups }, (_, g): Wire => b.inputBits(`group${g}`, 0, size));
  write(b, { time, event, weight, groups });
  return b.build();
}

export function inputsOf(lanes: readonly Lane[], shape: SurvivalShape): Record<string, Uint8Array> {
  const size = lanes.length;
  const bits = (of: (lane: Lane) => boolean) =>
    pack(
      { kind: 'bits', size },
      lanes.map((lane) => (of(lane) ? 1n : 0n)),
    );
  return {
    // What has no weight may lie outside the times.
    time: pack(
      { kind: 'ring', bits: 64, size },
      lanes.map(({ time, weight }) => (weight ? BigInt(shape.from + time) : 0n)),
    ),
    event: bits(({ event }) => event),
    weight: bits(({ weight }) => weight),
    ...Object.fromEntries(
      Array.from({ length: shape.groups }, (_, g) => [`group${g}`, bits(({ group }) => group === g)]),
    ),
  };
}

/** What `survivalCounts` makes of the lanes. */
export function countsOf(lanes: readonly Lane[], { from, to, groups }: SurvivalShape): number[] {
  const times = to - from + 1;
  const counts = Array<number>(2 * groups * times).fill(0);
  for (const { time, event, group, weight } of lanes) {
    if (weight) counts[((event ? 0 : groups) + group) * times + time]!++;
  }
  return counts;
}
