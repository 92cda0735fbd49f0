import { SymbolonError } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import { algebra } from './algebra.ts';
import type { Masks } from './masks.ts';
import { Cursor, inputLabel, maskLabel, orderLabel, passLabel, shareLabel } from './masks.ts';
import { Scratch } from './memory.ts';
import { operationOf } from './ops/index.ts';
import type { DealerContext } from './ops/operation.ts';
import { drawOrder, gather } from './orders.ts';
import { nodeCost } from './plan/cost.ts';
import { Lifetimes, stageBounds } from './plan/liveness.ts';
import type { Plan, Wire, WireType } from './plan/types.ts';
import { byteLength } from './plan/types.ts';
import { prefixSums } from './prefix.ts';
import { isSource } from './sources.ts';

/** Most bytes of a stage: p0 holds all of them, in the memory of its kernels. */
const MOST_STAGE = 2 ** 32;

/**
 * The answer key: p0's share of every correction, one chunk a stage, in the order of the plan's nodes. It knows all masks and no value.
 *
 * Runs at: the key service. Learns: nothing; it never holds a masked value.
 *
 * @param masks of p0 … pN−1, the very ones that the parties were given
 * @throws SymbolonError `plan-invalid` for a stage that p0 could not hold, before any of it is dealt
 */
export function* dealCorrections(arguments_: {
  plan: Plan;
  masks: readonly Masks[];
  kernels: Kernels;
}): Generator<Uint8Array> {
  const { plan, masks, kernels } = arguments_;
  const lambdas = new Map<Wire, Ptr>();
  const lifetimes = new Lifetimes(plan);
  for (const [from, to] of stageBounds(plan)) {
    const costs = plan.nodes.slice(from, to).map((node) => nodeCost(plan, node).answerKeyBytes);
    const bytes = costs.reduce((sum, bytes) => sum + bytes, 0);
    if (bytes > MOST_STAGE) throw new SymbolonError('plan-invalid', `a stage takes ${bytes} bytes of answer key`);
    const chunk = new Uint8Array(bytes);
    let at = 0;
    for (let index = from; index < to; index++) {
      const node = plan.nodes[index]!;
      const scratch = new Scratch(kernels);
      if (isSource(node)) {
        const lambda = scratch.keep(scratch.temp(plan.wires[node.out[0]!]!));
        masks[node.owner]!.stream(inputLabel(index)).fill(
          kernels.arena.bytes(lambda, byteLength(plan.wires[node.out[0]!]!)),
          0,
        );
        lambdas.set(node.out[0]!, lambda);
      } else {
        const end = at + costs[index - from]!;
        operationOf(node).dealer(
          node,
          dealerContext({ plan, masks, kernels, index, lambdas, scratch, chunk: chunk.subarray(at, end) }),
        );
        at = end;
      }
      scratch.end();
      for (const wire of lifetimes.end(node)) {
        const lambda = lambdas.get(wire);
        if (lambda) kernels.arena.free(lambda);
        lambdas.delete(wire);
      }
    }
    yield chunk;
  }
}

function dealerContext(state: {
  plan: Plan;
  masks: readonly Masks[];
  kernels: Kernels;
  index: number;
  lambdas: Map<Wire, Ptr>;
  scratch: Scratch;
  chunk: Uint8Array;
}): DealerContext {
  const { plan, masks, kernels, index, lambdas, scratch, chunk } = state;
  const { abi, arena } = kernels;
  const maskStreams = cursors(masks, maskLabel(index));
  const shareStreams = cursors(masks.slice(1), shareLabel(index));
  const passStreams = cursors(masks, passLabel(index));
  let written = 0;
  /** out = value ± Σ of the next bytes of the streams. */
  const combine = (
    how: 'add' | 'subtract',
    out: Ptr,
    value: Ptr,
    type: WireType,
    [first, ...rest]: readonly Cursor[],
  ): void => {
    if (first === undefined) return;
    const part = scratch.temp(type);
    first.next(arena.bytes(part, byteLength(type)));
    algebra(abi, type)[how](out, value, part, type.size);
    scratch.release(part);
    combine(how, out, out, type, rest);
  };
  const write = (value: Ptr, type: WireType): void => {
    chunk.set(arena.bytes(value, byteLength(type)), written);
    written += byteLength(type);
  };
  return {
    abi,
    parties: plan.parties,
    type: (wire) => plan.wires[wire]!,
    lambda: (wire) => lambdas.get(wire) ?? 0,
    temp: (type) => scratch.temp(type),
    release: (ptr) => scratch.release(ptr),
    correct(value, type) {
      const share = scratch.temp(type);
      combine('subtract', share, value, type, shareStreams);
      write(share, type);
      scratch.release(share);
    },
    give: write,
    mask(type) {
      const lambda = scratch.temp(type);
      maskStreams[0]!.next(arena.bytes(lambda, byteLength(type)));
      combine('add', lambda, lambda, type, maskStreams.slice(1));
      return lambda;
    },
    freshOrder(size, party) {
      const order = scratch.bytes(4 * size);
      drawOrder(kernels, order, size, new Cursor(masks[party]!, orderLabel(index)));
      return order;
    },
    pad(type, party) {
      const pad = scratch.temp(type);
      passStreams[party]!.next(arena.bytes(pad, byteLength(type)));
      return pad;
    },
    prefixSums(type, x, rows) {
      const out = scratch.temp(type);
      prefixSums(arena, type, out, x, rows);
      return out;
    },
    gather(type, x, order, rows = type.size) {
      const out = scratch.temp(type);
      if (x === 0) algebra(abi, type).fill(out, 0n, type.size);
      else gather(kernels, type, out, x, order, rows);
      return out;
    },
    output: (wire, lambda) => void (lambda !== 0 && lambdas.set(wire, scratch.keep(lambda))),
  };
}

function cursors(masks: readonly Masks[], label: string): Cursor[] {
  return masks.map((source) => new Cursor(source, label));
}
