import { SymbolonError } from '@symbolon/crypto';
import type { PlanBuilder } from './builder.ts';
import type { Wire, WireType } from './types.ts';

/*
 * Sorted columns fall into segments of equal keys. Sums and firsts run down a segment by doubling (Hillis, Steele, "Data parallel algorithms", CACM 1986): after
 * step k a row knows of the 2^k rows up to it. ⌈log2 rows⌉ rounds; an element and step take two openings and two words of answer key.
 */

/** 1 where a word differs from the one before; and in the first row. */
export function segmentStarts(builder: PlanBuilder, keys: Wire): Wire {
  const { size } = ringOf(builder, keys);
  const first = builder.slice(keys, 0, 1);
  const before = size === 1 ? [] : [builder.slice(keys, 0, size - 1)];
  // Nothing equals itself plus one.
  const ahead = builder.linear([[1n, first]], 1n);
  return builder.not(builder.equal(keys, builder.concat([ahead, ...before])));
}

/** In each row the sum of its segment's words up to it: in the last of a segment, of the whole. Refused where sums may leave the ring. */
export function segmentedSum(builder: PlanBuilder, values: Wire, starts: Wire): Wire {
  return scan(builder, values, starts, (value, before) => ({
    moved: before,
    join: (more) => builder.add(value, more),
  }));
}

/** In each row the word of its segment's first row. */
export function segmentedFirst(builder: PlanBuilder, values: Wire, starts: Wire): Wire {
  const { range } = ringOf(builder, values);
  const bounds = range && ([BigInt(range[0]), BigInt(range[1])] as const);
  return scan(builder, values, starts, (value, before) => ({
    moved: builder.subtract(before, value),
    join: (more) =>
      builder.linear(
        [
          [1n, value],
          [1n, more],
        ],
        0n,
        bounds,
      ),
  }));
}

/**
 * @param step of a row's word and that of the row 2^k before: `moved` goes into `join` times the flag that no segment starts between the two. The flags are
 *   words, as bits do not move by less than a byte
 */
function scan(
  builder: PlanBuilder,
  values: Wire,
  starts: Wire,
  step: (value: Wire, before: Wire) => { moved: Wire; join: (more: Wire) => Wire },
): Wire {
  const { bits, size } = ringOf(builder, values);
  let flags = builder.toRing(builder.not(starts), bits);
  let result = values;
  for (let by = 1; by < size; by *= 2) {
    const { moved, join } = step(result, shift(builder, result, by));
    const [more, next] = builder.products([
      [{ factors: [flags, moved] }],
      [{ factors: [flags, shift(builder, flags, by)] }],
    ]) as [Wire, Wire];
    result = join(more);
    flags = next;
  }
  return result;
}

/** Every word `by` rows further down, behind zeros. */
function shift(builder: PlanBuilder, x: Wire, by: number): Wire {
  const { size } = builder.type(x);
  const zeros = builder.linear([[0n, builder.slice(x, 0, by)]]);
  return builder.concat([zeros, builder.slice(x, 0, size - by)]);
}

function ringOf(builder: PlanBuilder, wire: Wire): WireType & { kind: 'ring' } {
  const type = builder.type(wire);
  if (type.kind === 'ring') return type;
  throw new SymbolonError('plan-invalid', `wire ${wire} carries bits where numbers are needed`);
}
