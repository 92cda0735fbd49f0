import { type Plan, PlanBuilder, type Wire } from '@symbolon/engine';
import { keySlots, oneToOneNames, pickKeys, placeName, withoutRivals } from './one-to-one.ts';
import { NUMBER, type ResolveProgram } from './program.ts';

/** Slots of a stage: bounds memory, to some 150 MB of answer key. */
const STAGE = 2 ** 21;

/**
 * The plan from shares of all bins (`met/0` of H, `met/1` of S) to what the agreement lets out. Bins come into the order slot · rows + record by
 * a permutation that only H knows (`order`); of a record's slots the largest number is taken, `most` times, each time taken out of all
 * slots that hold it, as several keys may bring the same two records together. So what opens depends on the set of matching pairs alone. Where a score stands
 * above the number, the largest is the best; only numbers open.
 */
export function resolvePlan(program: ResolveProgram): Plan {
  const { rows, slots, bins, most, reveal, to } = program;
  const [records] = rows;
  const builder = new PlanBuilder(2);
  const share = { ring: program.score > 0 ? 64 : NUMBER, size: bins } as const;
  const single = program.cardinality === 'one-to-one';
  const places = single ? builder.input(placeName, 0, { ring: NUMBER, size: records }) : undefined;
  const met = builder.add(builder.input('met/0', 0, share), builder.input('met/1', 1, share));
  const [ordered] = builder.permute([met], 'order') as [Wire];
  builder.stage();
  const counts: Wire[] = [];
  const [picks, keys]: [Wire[], Wire[]] = [[], []];
  for (const { from, size } of stagesOf(program)) {
    let left = Array.from({ length: slots }, (_, slot) => builder.slice(ordered, slot * records + from, size));
    for (let taken = 0; taken < most; taken++) {
      const largest = maximum(builder, left);
      const number = program.score > 0 ? builder.narrow(largest, NUMBER) : largest;
      if (single) {
        picks.push(number);
        keys.push(pickKeys(builder, program, largest));
      } else if (reveal === 'pairs') builder.reveal(number, to, resolvedName(from, taken));
      else counts.push(builder.sum(builder.toRing(builder.not(builder.isZero(number)), NUMBER)));
      if (taken < most - 1) left = left.map((slot) => without(builder, slot, largest));
      builder.stage();
    }
  }
  if (places !== undefined) {
    const sorted = { picks: builder.concat(picks), keys: builder.concat(keys), places };
    const { stays, pairs } = withoutRivals(builder, program, sorted);
    if (reveal === 'count') counts.push(builder.sum(builder.toRing(stays, NUMBER)));
    else for (const [i, wire] of builder.shuffle(pairs).entries()) builder.reveal(wire, to, oneToOneNames[i]!);
    builder.stage();
  }
  if (reveal === 'count') {
    builder.reveal(builder.linear(counts.map((count) => [1n, count] as const)), to, 'count');
    builder.stage();
  }
  return builder.build();
}

/** Records that are resolved together, in `most` stages. */
export function stagesOf(program: ResolveProgram): { from: number; size: number }[] {
  const [records] = program.rows;
  const { slots, score, cardinality } = program;
  // A word with a score takes twice the answer key.
  const words = (score > 0 ? 2 : 1) * slots + (cardinality === 'one-to-one' ? keySlots(program) : 0);
  const together = Math.floor(STAGE / words);
  return Array.from({ length: Math.ceil(records / together) }, (_, i) => ({
    from: i * together,
    size: Math.min(together, records - i * together),
  }));
}

export function resolvedName(from: number, taken: number): string {
  return `pairs/${from}/${taken}`;
}

/** Largest of words that are not negative, in ⌈log2⌉ levels. */
function maximum(builder: PlanBuilder, values: readonly Wire[]): Wire {
  if (values.length === 1) return values[0]!;
  const next: Wire[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) {
    const [x, y] = [values[i]!, values[i + 1]!];
    const less = builder.lessThan(x, y);
    next.push(builder.add(x, builder.bitDot([less], [builder.subtract(y, x)])));
  }
  if (values.length % 2 === 1) next.push(values.at(-1)!);
  return maximum(builder, next);
}

/** The value, or 0 where it is `taken`. */
function without(builder: PlanBuilder, value: Wire, taken: Wire): Wire {
  return builder.subtract(value, builder.bitDot([builder.equal(value, taken)], [value]));
}
