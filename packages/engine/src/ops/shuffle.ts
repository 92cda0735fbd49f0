import type { Ptr } from '../algebra.ts';
import { algebra } from '../algebra.ts';
import type { ShuffleNode, WireType } from '../plan/types.ts';
import type { DealerContext, Operation, PartyContext, Round } from './operation.ts';
import { peersOf } from './operation.ts';

/** A column on its way through the parties: the masked value, or at the dealer the mask. */
interface Column {
  readonly type: WireType;
  readonly value: Ptr;
}

/**
 * Every party in turn, p1 … pN−1 and then p0, puts all columns into a fresh uniform order π_j and a fresh pad d_j over each, and passes them on:
 * Δ_j = π_j(Δ_{j−1}) + d_j, so λ_j = π_j(λ_{j−1}) + d_j. π_j and d_j are known to p_j and the dealer alone. A masked column
 * goes to the next party only: d_j is uniform and hides both π_j and the values from it and from whoever it shows it to, so for any N − 1
 * parties the order behind the pass of the one that is left is uniform.
 *
 * This is the part before p0's pass. Runs at: every party. Learns: the next party, masked values.
 * @returns at p0, the columns after pN−1
 */
export function* passThrough(
  context: PartyContext,
  columns: readonly Column[],
  rows: number,
): Generator<Round, Column[], void> {
  const { index, parties } = context;
  let passed = [...columns];
  for (let party = 1; party < parties; party++) {
    const next = (party + 1) % parties;
    if (index === party) passed = reorder(context, passed, rows);
    else passed = passed.map(({ type }) => ({ type, value: index === next ? context.temp(type) : 0 }));
    yield passed.map(({ type, value }) => ({ type, value, from: party, to: [next] }));
  }
  return passed;
}

/** One's own pass. */
function reorder(context: PartyContext, columns: readonly Column[], rows: number): Column[] {
  const order = context.freshOrder(rows);
  const passed = columns.map(({ type, value }) => {
    const moved = context.gather(type, value, order, rows);
    const pad = context.pad(type);
    algebra(context.abi, type).add(moved, moved, pad, type.size);
    context.release(pad);
    return { type, value: moved };
  });
  context.release(order);
  return passed;
}

/** The masks after the pass of `party`. */
function dealPass(context: DealerContext, columns: readonly Column[], rows: number, party: number): Column[] {
  const order = context.freshOrder(rows, party);
  const passed = columns.map(({ type, value }) => {
    const moved = context.gather(type, value, order, rows);
    const pad = context.pad(type, party);
    algebra(context.abi, type).add(moved, moved, pad, type.size);
    context.release(pad);
    context.release(value);
    return { type, value: moved };
  });
  context.release(order);
  return passed;
}

/** The dealer's side of `passThrough`: the masks of the columns after pN−1. */
export function dealPasses(context: DealerContext, columns: readonly Column[], rows: number): Column[] {
  return peersOf(0, context.parties).reduce((passed, party) => dealPass(context, passed, rows, party), [...columns]);
}

/**
 * Columns in one order that no N − 1 parties know (PROTOCOLS §2, "Shuffle"; Asharov et al., CCS 2022). p0 passes last and shows
 * Δ = π_0(Δ') + d_0 to all; of the last mask, and of no other, every party gets a share: those of p1 … from their seeds, p0's as the correction. So
 * the answer key has one element a row, not one a pass, and p0's share is uniform to all who lack the share of any one party.
 *
 * Runs at: every party. Learns: masked values.
 */
export const shuffle: Operation<ShuffleNode> = {
  clear: (_, columns) => [...columns],
  dealer(node, context) {
    const { rows } = node;
    const given = node.in.map((wire) => ({ type: context.type(wire), value: context.lambda(wire) }));
    const last = dealPass(context, dealPasses(context, given, rows), rows, 0);
    for (const [j, { type, value }] of last.entries()) {
      context.correct(value, type);
      context.output(node.out[j]!, value);
    }
  },
  *party(node, context) {
    const { rows } = node;
    const given = node.in.map((wire) => ({ type: context.type(wire), value: context.masked(wire).delta }));
    const passed = yield* passThrough(context, given, rows);
    const last = context.first
      ? reorder(context, passed, rows)
      : passed.map(({ type }) => ({ type, value: context.temp(type) }));
    yield last.map(({ type, value }) => ({ type, value, from: 0, to: peersOf(0, context.parties) }));
    for (const [j, { type, value }] of last.entries()) {
      context.output(node.out[j]!, { type, delta: value, lambda: ownShare(context, type) });
    }
  },
};

/** A share of the next correction that outlives the operation. */
function ownShare(context: PartyContext, type: WireType): Ptr {
  const share = context.share(type);
  if (!context.first) return share;
  const kept = context.temp(type);
  const { fill, add } = algebra(context.abi, type);
  fill(kept, 0n, type.size);
  add(kept, kept, share, type.size);
  return kept;
}
