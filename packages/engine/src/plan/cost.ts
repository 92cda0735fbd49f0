import type { Abi } from '@symbolon/kernels';
import type { Ptr } from '../algebra.ts';
import type { StepNode } from '../ops/index.ts';
import { operationOf } from '../ops/index.ts';
import type { PartyContext } from '../ops/operation.ts';
import { isMessage, isReveal } from '../ops/operation.ts';
import type { Radix } from '../radix.ts';
import { isSource } from '../sources.ts';
import { stageBounds } from './liveness.ts';
import type { Plan, PlanNode, WireType } from './types.ts';
import { byteLength } from './types.ts';

/**
 * What one node needs: rounds, bytes opened to each peer, bytes that one party alone sends to another (`sentBytes[from][to]`), bytes of the
 * answer key, and bytes revealed to each party by each other one.
 */
export interface NodeCost {
  readonly rounds: number;
  readonly openedBytes: number;
  readonly sentBytes: readonly (readonly number[])[];
  readonly answerKeyBytes: number;
  readonly revealedBytes: readonly number[];
}

/** What a whole plan needs. Bytes are those of one party to one peer. */
export interface PlanCost {
  readonly rounds: number;
  readonly openedBytes: number;
  /** From one party to another, beside what all open: `sentBytes[from][to]`. */
  readonly sentBytes: readonly (readonly number[])[];
  /** By the party that learns. */
  readonly revealedBytes: readonly number[];
  /** Masked inputs, by their owner. */
  readonly inputBytes: readonly number[];
  /** One-time pads of inputs and random values, by their owner. */
  readonly padBytes: readonly number[];
  readonly answerKeyBytes: number;
}

/** Every kernel, doing nothing. */
const nothing: unknown = new Proxy({}, { get: () => () => 0 });
const noKernels = nothing as Abi;
const noRadix = nothing as Radix;

function noneSent({ parties }: Plan): number[][] {
  return Array.from({ length: parties }, () => Array<number>(parties).fill(0));
}

/**
 * The cost of a node, found by running the party's side of its operation on no memory at all: it depends on shapes only, so
 * what is counted is what will be sent.
 */
export function nodeCost(plan: Plan, node: PlanNode): NodeCost {
  const cost = {
    rounds: 0,
    openedBytes: 0,
    sentBytes: noneSent(plan),
    answerKeyBytes: 0,
    revealedBytes: Array<number>(plan.parties).fill(0),
  };
  if (isSource(node)) return cost;
  for (const round of operationOf(node).party(node, dryContext(plan, cost))) {
    cost.rounds++;
    for (const item of round) {
      const bytes = byteLength(item.type);
      if (isMessage(item)) for (const to of item.to) cost.sentBytes[item.from]![to]! += bytes;
      else if (!isReveal(item)) cost.openedBytes += bytes;
      else for (const party of item.to) cost.revealedBytes[party]! += bytes;
    }
  }
  return cost;
}

function dryContext(plan: Plan, cost: { answerKeyBytes: number }): PartyContext {
  const type = (wire: number): WireType => plan.wires[wire]!;
  const corrected = (shared: WireType): Ptr => {
    cost.answerKeyBytes += byteLength(shared);
    return 0;
  };
  return {
    abi: noKernels,
    index: 0,
    first: true,
    parties: plan.parties,
    radix: noRadix,
    type,
    masked: (wire) => ({ type: type(wire), delta: 0, lambda: 0 }),
    temp: () => 0,
    release: () => undefined,
    pointers: () => 0,
    derived: () => 0,
    entries: () => 0,
    freshOrder: () => 0,
    gather: () => 0,
    prefixSums: () => 0,
    givenOrder: () => 0,
    inverse: () => 0,
    requireOrder: () => undefined,
    share: corrected,
    given: corrected,
    pad: () => 0,
    opening: (opened) => ({ type: opened, delta: 0, lambda: 0 }),
    zeroShare: () => 0,
    yields: () => undefined,
    output: () => undefined,
  };
}

/** When a node starts and how long it takes, in rounds of its stage. */
export interface Scheduled {
  readonly index: number;
  readonly node: StepNode;
  readonly start: number;
  readonly cost: NodeCost;
}

/** The nodes of every stage in the order in which they start; every party computes the same. */
export function schedule(plan: Plan): readonly (readonly Scheduled[])[] {
  return stageBounds(plan).map(([from, to]) => {
    const ready = new Map<number, number>();
    const steps = plan.nodes.slice(from, to).flatMap((node, offset): Scheduled[] => {
      if (isSource(node)) return [];
      const start = Math.max(0, ...node.in.map((wire) => ready.get(wire) ?? 0));
      const cost = nodeCost(plan, node);
      for (const wire of node.out) ready.set(wire, start + cost.rounds);
      return [{ index: from + offset, node, start, cost }];
    });
    return steps.sort((x, y) => x.start - y.start || x.index - y.index);
  });
}

export function stageAnswerKeyBytes(stage: readonly Scheduled[]): number {
  return stage.reduce((bytes, { cost }) => bytes + cost.answerKeyBytes, 0);
}

export function planCost(plan: Plan): PlanCost {
  const total = {
    rounds: 0,
    openedBytes: 0,
    sentBytes: noneSent(plan),
    answerKeyBytes: 0,
    revealedBytes: Array<number>(plan.parties).fill(0),
    inputBytes: Array<number>(plan.parties).fill(0),
    padBytes: Array<number>(plan.parties).fill(0),
  };
  for (const node of plan.nodes.filter(isSource)) {
    const bytes = byteLength(plan.wires[node.out[0]!]!);
    if (node.op === 'input') total.inputBytes[node.owner]! += bytes;
    total.padBytes[node.owner]! += bytes;
  }
  for (const stage of schedule(plan)) {
    total.rounds += Math.max(0, ...stage.map(({ start, cost }) => start + cost.rounds));
    for (const { cost } of stage) {
      total.openedBytes += cost.openedBytes;
      for (const [from, row] of cost.sentBytes.entries())
        for (const [to, bytes] of row.entries()) total.sentBytes[from]![to]! += bytes;
      total.answerKeyBytes += cost.answerKeyBytes;
      for (const [party, bytes] of cost.revealedBytes.entries()) total.revealedBytes[party]! += bytes;
    }
  }
  return total;
}
