import type { Abi } from '@symbolon/kernels';
import type { Ptr } from '../algebra.ts';
import type { PermuteNode, PlanNode, Ring, Wire, WireType } from '../plan/types.ts';
import type { Rows } from '../prefix.ts';

/** x = Δ − λ (bits: ⊕). `lambda` 0: this party's share of the mask is zero. */
export interface Masked {
  readonly type: WireType;
  readonly delta: Ptr;
  readonly lambda: Ptr;
}

/**
 * A value on its way to be opened under a fresh mask. `delta` starts as this party's share of the fresh mask; the operation adds its
 * share of the value; after the round the sum over all parties stands in the same place.
 */
export type Opening = Masked;

/** A value that the parties `to` learn: `share` starts as 0; after the round it holds the value, at those parties. */
export interface Reveal {
  readonly type: WireType;
  readonly share: Ptr;
  readonly to: readonly number[];
}

/** What one party alone sends: after the round it stands at `value` at the parties `to`. */
export interface Message {
  readonly type: WireType;
  readonly value: Ptr;
  readonly from: number;
  readonly to: readonly number[];
}

/** One round of one operation: what it opens. All that is open in a round stands in one frame to each peer. */
export type Round = readonly (Opening | Reveal | Message)[];

export function isReveal(item: Round[number]): item is Reveal {
  return 'share' in item;
}

export function isMessage(item: Round[number]): item is Message {
  return 'from' in item;
}

/** What moves or adds words one by one, without a kernel. Orders are u32 indices. */
interface WordContext {
  /** The vector whose row i is row order[i] of x, which has `rows` rows (each element is one, if absent); of no mask (0), zeros. */
  gather(type: WireType, x: Ptr, order: Ptr, rows?: number): Ptr;
  /** The sums of x up to each word, in rows. */
  prefixSums(type: WireType & { kind: 'ring' }, x: Ptr, rows: Rows): Ptr;
}

/** What an operation may use at a party. Everything it allocates is freed when it ends, but for its outputs. */
export interface PartyContext extends WordContext {
  readonly abi: Abi;
  type(wire: Wire): WireType;
  /** This party's place in the plan. */
  readonly index: number;
  /** This party is p0, which adds the public terms and holds the corrections. */
  readonly first: boolean;
  readonly parties: number;
  masked(wire: Wire): Masked;
  temp(type: WireType): Ptr;
  /** Frees a `temp` or `share` before the operation ends, so that the next one stands in the same, warm memory. */
  release(ptr: Ptr): void;
  /** Pointers, laid out in memory as the kernels read them. */
  pointers(list: readonly Ptr[]): Ptr;
  /** What is computed from a wire once and kept as long as the wire; `make` returns a `temp`. */
  derived(wire: Wire, name: string, make: () => Ptr): Ptr;
  /**
   * The nonzero entries of a matrix (rows × inner) of this party's own, row by row, filled up with zeros to `weight` a row: their columns
   * (u32), then, from `entryValues` on, their values. Throws `plan-range` where a row has more.
   */
  entries(plain: Ptr, shape: { bits: Ring; rows: number; inner: number }, weight: number): Ptr;
  /** A uniform order that this party and the dealer alone know; once an operation. */
  freshOrder(size: number): Ptr;
  /** Uniform values that this party and the dealer alone know. */
  pad(type: WireType): Ptr;
  /** The given order of a permutation. Runs at: p0. */
  givenOrder(node: PermuteNode): Ptr;
  inverse(order: Ptr, size: number): Ptr;
  /** @throws SymbolonError `frame-shape`, with the sender as culprit (none: whoever it was), where this is no permutation */
  requireOrder(order: Ptr, size: number, sender: number | undefined): void;
  /** This party's share of the dealer's next correction: from its seed, for p0 from the answer key. */
  share(type: WireType): Ptr;
  /** p0's next correction where it is no share but for p0 alone; other parties have none (0). */
  given(type: WireType): Ptr;
  /** A value to be opened, holding this party's share of a fresh mask. */
  opening(type: WireType): Opening;
  /** This party's share of a fresh zero, from the seeds of the pairs it belongs to. */
  zeroShare(type: WireType): Ptr;
  /** What this party's session yields under `name`. */
  yields(name: string, type: WireType, value: Ptr): void;
  output(wire: Wire, value: Masked): void;
}

/** What an operation may use at the dealer. `lambda` 0: the wire has no mask. */
export interface DealerContext extends WordContext {
  readonly abi: Abi;
  readonly parties: number;
  type(wire: Wire): WireType;
  lambda(wire: Wire): Ptr;
  temp(type: WireType): Ptr;
  /** Frees a `temp` before the operation ends. */
  release(ptr: Ptr): void;
  /** Shares `value` among the parties: seeds for p1.., the correction in the answer key for p0. */
  correct(value: Ptr, type: WireType): void;
  /** A correction for p0 alone, as it is. */
  give(value: Ptr, type: WireType): void;
  /** The order and the pads that p_party draws from its seed (`freshOrder`, `pad` of `PartyContext`). */
  freshOrder(size: number, party: number): Ptr;
  pad(type: WireType, party: number): Ptr;
  /** The sum of the parties' fresh masks; called in the order of the party's openings. */
  mask(type: WireType): Ptr;
  output(wire: Wire, lambda: Ptr): void;
}

/** What is the same at parties and dealer. */
export type LocalContext = Pick<PartyContext | DealerContext, 'abi' | 'type' | 'temp' | 'release' | 'prefixSums'>;

/** Values in the clear: words as unsigned integers below 2^bits, bits as 0n and 1n. */
export type ClearValue = readonly bigint[];

/**
 * An operation, once for each interpreter. `party` and `dealer` must take shares and masks in the same order; a test runs both on random
 * plans and compares with `clear`. What happens depends on shapes only, never on values.
 */
export interface Operation<Node extends PlanNode> {
  clear(node: Node, inputs: readonly ClearValue[], type: (wire: Wire) => WireType): ClearValue[];
  dealer(node: Node, context: DealerContext): void;
  /** Runs at: every party. Learns: nothing but masked values, unless it is a reveal. */
  party(node: Node, context: PartyContext): Generator<Round, void, void>;
}

/** Where the values of `entries` begin, after the columns. */
export const entryValues = (rows: number, weight: number): number => Math.ceil((4 * rows * weight) / 64) * 64;

export function peersOf(party: number, parties: number): number[] {
  return Array.from({ length: parties }, (_, peer) => peer).filter((peer) => peer !== party);
}
