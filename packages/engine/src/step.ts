import { SymbolonError } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import { algebra } from './algebra.ts';
import { writeEntries } from './entries.ts';
import type { PartyMasks } from './masks.ts';
import { Cursor, maskLabel, orderLabel, passLabel, shareLabel, zeroLabel } from './masks.ts';
import { Scratch } from './memory.ts';
import type { StepNode } from './ops/index.ts';
import { operationOf } from './ops/index.ts';
import type { Masked, PartyContext, Round } from './ops/operation.ts';
import { entryValues } from './ops/operation.ts';
import { drawOrder, gather, invertOrder, isOrder } from './orders.ts';
import type { Plan, Wire, WireType } from './plan/types.ts';
import { byteLength, clearTail } from './plan/types.ts';
import { prefixSums } from './prefix.ts';

/** What a reveal opened to this party, or its own share of what is kept: words little-endian, bits packed from the lowest. */
export interface Revealed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface StepOptions {
  readonly plan: Plan;
  readonly index: number;
  readonly masks: PartyMasks;
  readonly kernels: Kernels;
  readonly wires: Map<Wire, Masked>;
  /** Of p0: the orders of its permutations, by name. */
  readonly orders: ReadonlyMap<string, Ptr>;
  /** What a party is called in errors. */
  readonly name: (party: number) => string;
  /** What operations keep beside a wire. */
  readonly derived: Map<Wire, Map<string, Ptr>>;
  /** Where reveals to this party and its shares of what is kept go. */
  readonly revealed: Revealed[];
}

/** One node of a plan while a party runs it. */
export class Step {
  readonly node: StepNode;
  /** What it opens now. */
  round: Round = [];
  readonly #scratch: Scratch;
  readonly #rounds: Generator<Round, void, void>;

  /** @param answerKey where the node's corrections begin; only p0 reads them */
  constructor(options: StepOptions, node: StepNode, nodeIndex: number, answerKey: Ptr) {
    this.node = node;
    this.#scratch = new Scratch(options.kernels);
    this.#rounds = operationOf(node).party(node, partyContext(options, nodeIndex, answerKey, this.#scratch));
  }

  /** Goes on to the next round. @returns whether the node has ended: its outputs stand, the rest of its memory is free */
  advance(): boolean {
    const { done, value } = this.#rounds.next();
    this.round = value ?? [];
    if (done) this.#scratch.end();
    return done === true;
  }
}

function partyContext(options: StepOptions, node: number, answerKey: Ptr, scratch: Scratch): PartyContext {
  const { plan, index, masks, kernels, wires, derived, revealed } = options;
  const { abi, arena } = kernels;
  const maskStream = new Cursor(masks.own, maskLabel(node));
  const shareStream = new Cursor(masks.own, shareLabel(node));
  const passStream = new Cursor(masks.own, passLabel(node));
  let read = 0;
  const drawn = (type: WireType, stream: Cursor): Ptr => {
    const ptr = scratch.temp(type);
    stream.next(arena.bytes(ptr, byteLength(type)));
    return ptr;
  };
  const correction = (type: WireType): Ptr => {
    const at = answerKey + read;
    read += byteLength(type);
    return at;
  };
  return {
    abi,
    index,
    first: index === 0,
    parties: plan.parties,
    type: (wire) => plan.wires[wire]!,
    masked: (wire) => wires.get(wire)!,
    temp: (type) => scratch.temp(type),
    release: (ptr) => scratch.release(ptr),
    pointers(list) {
      const ptr = scratch.bytes(4 * list.length);
      arena.u32(ptr, list.length).set(list);
      return ptr;
    },
    derived(wire, name, make) {
      const kept = derived.get(wire) ?? new Map<string, Ptr>();
      derived.set(wire, kept);
      const ptr = kept.get(name) ?? scratch.keep(make());
      kept.set(name, ptr);
      return ptr;
    },
    entries(plain, { bits, rows, inner }, weight) {
      const from = entryValues(rows, weight);
      const indices = scratch.bytes(from + (rows * weight * bits) / 8);
      writeEntries(kernels.arena, { plain, indices, values: indices + from, bits, rows, inner, weight });
      return indices;
    },
    share: (type) => (index === 0 ? correction(type) : drawn(type, shareStream)),
    given: (type) => (index === 0 ? correction(type) : 0),
    pad: (type) => drawn(type, passStream),
    opening(type) {
      const lambda = drawn(type, maskStream);
      const delta = scratch.temp(type);
      const bytes = byteLength(type);
      arena.bytes(delta, bytes).set(arena.bytes(lambda, bytes));
      return { type, delta, lambda };
    },
    freshOrder(size) {
      const order = scratch.bytes(4 * size);
      drawOrder(kernels, order, size, new Cursor(masks.own, orderLabel(node)));
      return order;
    },
    prefixSums(type, x, rows) {
      const out = scratch.temp(type);
      prefixSums(arena, type, out, x, rows);
      return out;
    },
    gather(type, x, order, rows = type.size) {
      const out = scratch.temp(type);
      gather(kernels, type, out, x, order, rows);
      return out;
    },
    givenOrder: ({ name }) => scratch.adopt(options.orders.get(name)!),
    inverse(order, size) {
      const out = scratch.bytes(4 * size);
      invertOrder(arena, out, order, size);
      return out;
    },
    requireOrder(order, size, sender) {
      if (isOrder(arena, order, size)) return;
      const culprit = sender === undefined ? {} : { culprit: options.name(sender) };
      throw new SymbolonError('frame-shape', 'what came is not a permutation', culprit);
    },
    zeroShare: (type) => zeroShare(options, node, type, scratch),
    yields(name, type, value) {
      revealed.push({ name, bytes: clearTail(type, arena.bytes(value, byteLength(type)).slice()) });
    },
    output(wire, value) {
      scratch.keep(value.delta);
      if (value.lambda !== 0) scratch.keep(value.lambda);
      wires.set(wire, value);
    },
  };
}

/** Σ_{j>i} PRG(seed_ij) − Σ_{j<i} PRG(seed_ij): over all parties these sum to zero (PROTOCOLS §2, `zero_i`). */
function zeroShare({ plan, index, masks, kernels }: StepOptions, node: number, type: WireType, scratch: Scratch): Ptr {
  const { abi, arena } = kernels;
  const ring = algebra(abi, type);
  const share = scratch.temp(type);
  const part = scratch.temp(type);
  ring.fill(share, 0n, type.size);
  for (let peer = 0; peer < plan.parties; peer++) {
    if (peer === index) continue;
    masks.pairs[peer]!.stream(zeroLabel(node)).fill(arena.bytes(part, byteLength(type)), 0);
    if (peer > index) ring.add(share, share, part, type.size);
    else ring.subtract(share, share, part, type.size);
  }
  return share;
}
