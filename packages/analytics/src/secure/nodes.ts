import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { BoundNode, BoundStudy, NodeType } from '../sql/index.ts';
import type { Bit, Logic, Word } from './logic.ts';

/** A truth value a lane, in three-valued logic: `truth` is 1 where TRUE, `none` where NULL; never both. */
export interface TruthLane {
  readonly kind: 'truth';
  readonly truth: Bit;
  readonly none: Bit;
}

/** A whole number a lane. Where `none` is 1 the value is NULL, and `value` is anything. */
export interface NumberLane {
  readonly kind: 'number';
  readonly value: Word;
  readonly none: Bit;
}

export type NodeLane = TruthLane | NumberLane;
export type Interval = readonly [lo: bigint, hi: bigint];

/** Terms of one `bitDot` or `weigh`: of so many numbers below 10^18 the sum of all fits 64 bits. */
const termsAtOnce = 8;

/** What a node's whole numbers lie in; codes are places. */
export function rangeOf(type: NodeType): Interval {
  if ('range' in type) return [BigInt(type.range[0]), BigInt(type.range[1])];
  return [0n, type.kind === 'code' ? BigInt(type.values.length - 1) : 1n];
}

/** With 0, which stands where no value does. */
export function withZero([lo, hi]: Interval): Interval {
  return [lo < 0n ? lo : 0n, hi > 0n ? hi : 0n];
}

/**
 * The nodes of a bound study over the lanes of a plan, each once, when it is first asked for. Ranges hold in lanes that count; in all others a
 * value is garbage that a weight of 0 takes away before it opens.
 */
export class NodeLanes {
  readonly #builder: PlanBuilder;
  readonly #logic: Logic;
  readonly #nodes: BoundStudy['nodes'];
  readonly #local: (at: number) => NodeLane;
  readonly #known = new Map<number, NodeLane>();

  /** @param local the lanes of a node that its table's owner computed */
  constructor(builder: PlanBuilder, logic: Logic, nodes: BoundStudy['nodes'], local: (at: number) => NodeLane) {
    this.#builder = builder;
    this.#logic = logic;
    this.#nodes = nodes;
    this.#local = local;
  }

  at(at: number): NodeLane {
    const lane = this.#known.get(at) ?? this.#compute(at, this.#nodes[at]!);
    this.#known.set(at, lane);
    return lane;
  }

  number(at: number): NumberLane {
    return this.at(at) as NumberLane;
  }

  truth(at: number): TruthLane {
    return this.at(at) as TruthLane;
  }

  #compute(at: number, node: BoundNode): NodeLane {
    switch (node.op) {
      case 'local':
        return this.#local(at);
      case 'constant':
        return typeof node.value === 'string' || node.type.kind !== 'boolean'
          ? { kind: 'number', value: BigInt(node.value ?? 0), none: node.value === null }
          : { kind: 'truth', truth: node.value === true, none: node.value === null };
      case 'linear': {
        const parts = node.of.map((part) => this.number(part));
        const terms = parts.map(({ value }, i) => [BigInt(node.coefficients[i]!), value] as const);
        return {
          kind: 'number',
          value: this.#linear(terms, BigInt(node.constant), rangeOf(node.type)),
          none: this.#anyNone(parts),
        };
      }
      case 'product': {
        const parts = node.of.map((part) => this.number(part)) as [NumberLane, NumberLane];
        const value = this.#product(parts[0].value, parts[1].value, rangeOf(node.type));
        return { kind: 'number', value, none: this.#anyNone(parts) };
      }
      case 'zero':
      case 'negative': {
        const { value, none } = this.number(node.of[0]);
        const truth = this.#test(node.op, value);
        return { kind: 'truth', truth: this.#logic.and(truth, this.#logic.not(none)), none };
      }
      case 'not': {
        const { truth, none } = this.truth(node.of[0]);
        return { kind: 'truth', truth: this.#logic.not(this.#logic.xor(truth, none)), none };
      }
      case 'null':
        return { kind: 'truth', truth: this.at(node.of[0]).none, none: false };
      case 'and':
      case 'or':
        return this.#connected(
          node.op,
          node.of.map((part) => this.truth(part)),
        );
      case 'case':
        return this.#chosen(node, node.of);
    }
  }

  #test(op: 'zero' | 'negative', value: Word): Bit {
    if (typeof value === 'bigint') return op === 'zero' ? value === 0n : value < 0n;
    return op === 'zero' ? this.#builder.isZero(value) : this.#builder.lessThanZero(value);
  }

  #anyNone(parts: readonly NodeLane[]): Bit {
    return this.#logic.or(...parts.map(({ none }) => none));
  }

  #linear(terms: readonly (readonly [bigint, Word])[], shift: bigint, range: Interval): Word {
    const wires = terms.flatMap(([c, value]) => (typeof value === 'bigint' ? [] : [[c, value] as const]));
    const constant = terms.reduce((sum, [c, value]) => (typeof value === 'bigint' ? sum + c * value : sum), shift);
    return wires.length === 0 ? constant : this.#builder.linear(wires, constant, range);
  }

  #product(x: Word, y: Word, range: Interval): Word {
    if (typeof x === 'bigint') return this.#linear([[x, y]], 0n, range);
    if (typeof y === 'bigint') return this.#linear([[y, x]], 0n, range);
    return this.#builder.multiply(x, y);
  }

  /** AND is TRUE where all are, NULL where none is FALSE and not all are TRUE; OR is the same of what is not. */
  #connected(op: 'and' | 'or', parts: readonly TruthLane[]): TruthLane {
    const { not, and, xor } = bound(this.#logic);
    const truths = parts.map(({ truth }) => truth);
    if (op === 'and') {
      const all = and(...truths);
      return { kind: 'truth', truth: all, none: xor(and(...parts.map(({ truth, none }) => xor(truth, none))), all) };
    }
    const untrue = and(...truths.map(not));
    const untold = and(...parts.map(({ truth, none }) => not(xor(truth, none))));
    return { kind: 'truth', truth: not(untrue), none: xor(untrue, untold) };
  }

  /** The first arm whose condition is TRUE: one selecting bit an arm, of which just one is 1. */
  #chosen({ type }: BoundNode, of: readonly number[]): NodeLane {
    const { not, and, xor } = bound(this.#logic);
    const whens = of.filter((_, i) => i % 2 === 0 && i < of.length - 1).map((at) => this.truth(at).truth);
    const before = [true, ...this.#logic.prefixAnd(whens.map(not))];
    const selected = [...whens, true].map((when, i) => and(before[i]!, when));
    const results = of.filter((_, i) => i % 2 === 1 || i === of.length - 1).map((at) => this.at(at));
    const none = xor(...results.map((result, i) => and(selected[i]!, result.none)));
    if (type.kind === 'boolean') {
      const truths = results.map((result, i) => and(selected[i]!, (result as TruthLane).truth));
      return { kind: 'truth', truth: xor(...truths), none };
    }
    const values = results.map((result) => (result as NumberLane).value);
    return { kind: 'number', value: this.#picked(selected, values, rangeOf(type)), none };
  }

  /** Σ selected · value. */
  #picked(selected: readonly Bit[], values: readonly Word[], range: Interval): Word {
    const arms = selected.map((bit, i) => ({ bit, value: values[i]! })).filter(({ bit }) => bit !== false);
    const sure = arms.filter(({ bit }) => bit === true).map(({ value }) => [1n, value] as const);
    const dots = arms.filter(isDot);
    const weights = arms.filter(isWeight);
    const parts = [
      ...eights(dots).map((group) =>
        this.#builder.bitDot(
          group.map(({ bit }) => bit),
          group.map(({ value }) => value),
        ),
      ),
      ...eights(weights).map((group) =>
        this.#builder.weigh(
          group.map(({ bit, value }) => [value, bit] as const),
          0n,
          64,
        ),
      ),
    ];
    return this.#linear([...sure, ...parts.map((part) => [1n, part] as const)], 0n, range);
  }
}

interface Arm {
  readonly bit: Bit;
  readonly value: Word;
}

function isDot(arm: Arm): arm is { bit: Wire; value: Wire } {
  return typeof arm.bit !== 'boolean' && typeof arm.value !== 'bigint';
}

function isWeight(arm: Arm): arm is { bit: Wire; value: bigint } {
  return typeof arm.bit !== 'boolean' && typeof arm.value === 'bigint';
}

function eights<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / termsAtOnce) }, (_, i) =>
    all.slice(termsAtOnce * i, termsAtOnce * (i + 1)),
  );
}

function bound(logic: Logic) {
  return {
    not: (x: Bit) => logic.not(x),
    and: (...bits: readonly Bit[]) => logic.and(...bits),
    xor: (...bits: readonly Bit[]) => logic.xor(...bits),
  };
}
