import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { BoundNode } from '../sql/index.ts';
import type { Bit, Logic } from './logic.ts';
import { type NodeLane, rangeOf } from './nodes.ts';

type Given =
  /** A plane a value, over all lanes. */
  | { readonly planes: readonly Wire[] }
  /** Slot by slot, value by value, a bit a bin. */
  | { readonly bySlot: Wire }
  /** Value by value, a bit a bin, the same for all slots. */
  | { readonly byBin: Wire };

/** The values of a key, one bit each in every lane; all 0 where a lane is empty. */
export class HotKey {
  readonly size: number;
  readonly #builder: PlanBuilder;
  readonly #slots: number;
  readonly #bins: number;
  readonly #given: Given;
  #words: Wire | undefined;
  #planes: readonly Wire[] | undefined;

  /** @param given the bits, and the same as words, value by value over all lanes, where the owner gave them */
  constructor(
    builder: PlanBuilder,
    { size, slots, bins }: { size: number; slots: number; bins: number },
    given: Given & { readonly words: Wire | undefined },
  ) {
    this.#builder = builder;
    this.size = size;
    this.#slots = slots;
    this.#bins = bins;
    this.#given = given;
    this.#words = given.words;
  }

  /** For each value, a bit a lane. */
  planes(): readonly Wire[] {
    this.#planes ??= this.#spread();
    return this.#planes;
  }

  /** Of one slot: value by value, a bit a bin. */
  slot(slot: number): Wire {
    const [builder, given] = [this.#builder, this.#given];
    if ('byBin' in given) return given.byBin;
    const size = this.size * this.#bins;
    if ('bySlot' in given) return this.#slots === 1 ? given.bySlot : builder.slice(given.bySlot, slot * size, size);
    return concatenated(
      builder,
      given.planes.map((plane) => this.#slice(plane, slot)),
    );
  }

  /** As words 0 and 1: value by value, a word a lane. */
  words(): Wire {
    this.#words ??= this.#builder.toRing(concatenated(this.#builder, this.planes()), 64);
    return this.#words;
  }

  #spread(): readonly Wire[] {
    const [builder, given] = [this.#builder, this.#given];
    if ('planes' in given) return given.planes;
    return Array.from({ length: this.size }, (_, value) => {
      if ('byBin' in given) {
        const plane = this.#slice(given.byBin, value);
        return this.#slots === 1 ? plane : builder.tile(plane, this.#slots);
      }
      const slots = Array.from({ length: this.#slots }, (_, slot) =>
        this.#slice(given.bySlot, slot * this.size + value),
      );
      return concatenated(builder, slots);
    });
  }

  #slice(wire: Wire, at: number): Wire {
    const whole = this.#builder.type(wire).size === this.#bins;
    return whole ? wire : this.#builder.slice(wire, at * this.#bins, this.#bins);
  }
}

export function concatenated(builder: PlanBuilder, wires: readonly Wire[]): Wire {
  return wires.length === 1 ? wires[0]! : builder.concat(wires);
}

/** For each value of a node, and NULL last where it may be, whether it stands in a lane. In the order of `keyValues`. */
export function keyPlanes(
  lane: NodeLane,
  { type, nullable }: BoundNode,
  { builder, logic }: { builder: PlanBuilder; logic: Logic },
): Bit[] {
  const known = logic.not(lane.none);
  const last = nullable ? [lane.none] : [];
  if (lane.kind === 'truth') return [logic.not(logic.xor(lane.truth, lane.none)), lane.truth, ...last];
  const { value } = lane;
  const [lo, hi] = rangeOf(type);
  const is = (each: bigint): Bit =>
    typeof value === 'bigint' ? value === each : builder.isZero(builder.linear([[1n, value]], -each));
  return [...Array.from({ length: Number(hi - lo) + 1 }, (_, i) => logic.and(is(lo + BigInt(i)), known)), ...last];
}
