import type { Abi } from '@symbolon/kernels';
import type { Ptr } from '../algebra.ts';
import type { StepNode } from '../ops/index.ts';
import { operationOf } from '../ops/index.ts';
import type { PartyContext, Round } from '../ops/operation.ts';
import { isMessage, isReveal, peersOf } from '../ops/operation.ts';
import { piecesOf } from '../round.ts';
import { isSource } from '../sources.ts';
import { stageBounds } from './liveness.ts';
import type { Plan, PlanNode, WireType } from './types.ts';
import { byteLength } from './types.ts';

/** What one node needs: its rounds, and bytes of the answer key. */
export interface NodeCost {
  readonly rounds: readonly Round[];
  readonly answerKeyBytes: number;
}

/** What a whole plan needs. Bytes are those of one party to one peer. */
export interface PlanCost {
  /** Messages that wait for each other: two for a round that opens much (`hopsOf`). */
  readonly rounds: number;
  readonly openedBytes: number;
  /** From one party to another, beside what all open to each other: messages, and pieces of large openings. `sentBytes[from][to]` */
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
const noKernels = new Proxy({}, { get: () => () => 0 }) as Abi;

/**
 * The cost of a node, found by running the party's side of its operation on no memory at all: it depends on shapes only, so
 * what is counted is what will be sent.
 */
export function nodeCost(plan: Plan, node: PlanNode): NodeCost {
  if (isSource(node)) return { rounds: [], answerKeyBytes: 0 };
  const key = { answerKeyBytes: 0 };
  return { rounds: [...operationOf(node).party(node, dryContext(plan, key))], ...key };
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
      for (const wire of node.out) ready.set(wire, start + cost.rounds.length);
      return [{ index: from + offset, node, start, cost }];
    });
    return steps.sort((x, y) => x.start - y.start || x.index - y.index);
  });
}

export function stageAnswerKeyBytes(stage: readonly Scheduled[]): number {
  return stage.reduce((bytes, { cost }) => bytes + cost.answerKeyBytes, 0);
}

export function planCost(plan: Plan): PlanCost {
  const { parties } = plan;
  const total = {
    rounds: 0,
    openedBytes: 0,
    sentBytes: Array.from({ length: parties }, () => Array<number>(parties).fill(0)),
    answerKeyBytes: 0,
    revealedBytes: Array<number>(parties).fill(0),
    inputBytes: Array<number>(parties).fill(0),
    padBytes: Array<number>(parties).fill(0),
  };
  for (const node of plan.nodes.filter(isSource)) {
    const bytes = byteLength(plan.wires[node.out[0]!]!);
    if (node.op === 'input') total.inputBytes[node.owner]! += bytes;
    total.padBytes[node.owner]! += bytes;
  }
  for (const stage of schedule(plan)) {
    total.answerKeyBytes += stageAnswerKeyBytes(stage);
    const last = Math.max(0, ...stage.map(({ start, cost }) => start + cost.rounds.length));
    for (let at = 0; at < last; at++)
      addRound(
        total,
        stage.flatMap(({ start, cost }) => cost.rounds[at - start] ?? []),
        parties,
      );
  }
  return total;
}

/** What all send each other in one round. */
function addRound(total: Counts, round: Round, parties: number): void {
  const pieces = piecesOf(round, parties);
  total.rounds += pieces.length === 0 ? 1 : 2;
  for (const item of round) {
    const bytes = byteLength(item.type);
    if (isMessage(item)) for (const to of item.to) total.sentBytes[item.from]![to]! += bytes;
    else if (isReveal(item)) for (const party of item.to) total.revealedBytes[party]! += bytes;
    else if (pieces.length === 0) total.openedBytes += bytes;
  }
  // Its share to the party whose piece it is; that party's sum to all.
  for (const { party, type } of pieces) {
    for (const peer of peersOf(party, parties)) {
      total.sentBytes[peer]![party]! += byteLength(type);
      total.sentBytes[party]![peer]! += byteLength(type);
    }
  }
}

interface Counts {
  rounds: number;
  openedBytes: number;
  readonly sentBytes: number[][];
  readonly revealedBytes: number[];
}
