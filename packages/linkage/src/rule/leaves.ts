import { and, type Draft, not, or, tooLong } from './draft.ts';
import {
  digitsFor,
  type Encoding,
  equalShape,
  type Leaf,
  type LocalTest,
  linearShape,
  localShape,
  quadraticShape,
  type Shape,
} from './leaf.ts';
import { type Measure, wholeBound } from './measure.ts';
import { type Operand, plainOperand } from './operand.ts';
import { positions } from './positions.ts';
import { type PairPredicate, type Predicate, within } from './predicate.ts';
import { qgrams } from './qgrams.ts';
import { gate } from './score.ts';
import type { Side } from './value.ts';

const maxSteps = 10_000;

type Equal = PairPredicate & { kind: 'equal' };
type Interval = PairPredicate & { kind: 'interval' };

/**
 * Turns a condition into a two-valued formula over leaves. NOT is pushed down: `formula(p, true)` says that p is TRUE, `formula(p, false)`
 * that p is FALSE, and a comparison with NULL is neither. Equal leaves are made once.
 */
export class Leaves {
  readonly all: Leaf[] = [];
  readonly operands: Readonly<Record<Side, Operand[]>> = { a: [], b: [] };
  readonly #known = new Map<string, number>();
  readonly #scale: number;
  #steps = 0;

  /** @param scale digits behind the point of the weights in sums */
  constructor(scale: number) {
    this.#scale = scale;
  }

  formula(of: Predicate, wanted: boolean): Draft {
    // IS NULL asks for both TRUE and FALSE of its condition: nested, it would double the work each time.
    if (++this.#steps > maxSteps) throw tooLong();
    switch (of.kind) {
      case 'constant':
        return of.value === wanted;
      case 'not':
        return this.formula(of.of, !wanted);
      case 'is': {
        const holds =
          of.value === null
            ? not(or(this.formula(of.of, true), this.formula(of.of, false)))
            : this.formula(of.of, of.value);
        return wanted ? holds : not(holds);
      }
      case 'and':
      case 'or':
        return this.#connect(of.of, (of.kind === 'and') === wanted, wanted);
      case 'case':
        return this.#choose(of, wanted);
      case 'local':
        return this.#local([this.#test(of, wanted)]);
      case 'equal':
        return this.#equal([of], !wanted);
      case 'interval':
        return this.#interval(of, wanted);
      case 'measure':
        return this.#measure(wanted ? of : { ...of, op: opposite[of.op] });
      case 'score':
        return gate(of, wanted, this.#scale, (part, value) => this.formula(part, value));
    }
  }

  /** Makes operands of every part of a condition, also of those that the verdict does not need: the clear run does. */
  register(condition: Predicate): void {
    for (const of of within(condition)) {
      if (of.kind === 'local') this.#operand(plainOperand(of.value, of.value.side ?? 'a'));
      if (of.kind === 'equal' || of.kind === 'interval' || of.kind === 'measure')
        for (const operand of [of.a, of.b]) this.#operand(operand);
    }
  }

  /** The number of an operand; undefined where it is none of this rule's. */
  indexOf(operand: Operand): number | undefined {
    return this.#known.get(operandKey(operand));
  }

  // Conditions on single records share a leaf, one of each table; equalities that must all hold are one equality of all parts.
  #connect(parts: readonly Predicate[], all: boolean, wanted: boolean): Draft {
    const flat = flatten(parts, all === wanted ? 'and' : 'or');
    const tests = flat.flatMap((part) => (part.kind === 'local' ? [this.#test(part, wanted)] : []));
    const equals = all && wanted ? flat.filter((part) => part.kind === 'equal') : [];
    const rest = flat.filter((part) => part.kind !== 'local' && !(all && wanted && part.kind === 'equal'));
    const made = [
      ...(tests.length > 0
        ? [all ? this.#local(tests) : not(this.#local(tests.map((test) => ({ ...test, negated: true }))))]
        : []),
      ...(equals.length > 0 ? [this.#equal(equals, false)] : []),
      ...rest.map((part) => this.formula(part, wanted)),
    ];
    return all ? and(...made) : or(...made);
  }

  #choose({ arms, otherwise }: Predicate & { kind: 'case' }, wanted: boolean): Draft {
    const before: Draft[] = [];
    const chosen: Draft[] = [];
    for (const [when, then] of arms) {
      const holds = this.formula(when, true);
      chosen.push(and(...before, holds, this.formula(then, wanted)));
      before.push(not(holds));
    }
    return or(...chosen, and(...before, this.formula(otherwise, wanted)));
  }

  #test({ value }: Predicate & { kind: 'local' }, is: boolean): LocalTest & { side: Side } {
    const side = value.side ?? 'a';
    return { side, operand: this.#operand(plainOperand(value, side)), is, negated: false };
  }

  // All tests hold: pairs of one test of a and one of b.
  #local(tests: readonly (LocalTest & { side: Side })[]): Draft {
    const of = (side: Side): LocalTest[] =>
      tests.filter((test) => test.side === side).map(({ operand, is, negated }) => ({ operand, is, negated }));
    const [first, second] = [of('a'), of('b')];
    const pairs = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => ({
      a: first[i],
      b: second[i],
    }));
    return and(
      ...pairs.map(({ a, b }) => {
        const say = (side: Side, test: LocalTest | undefined): string[] =>
          test === undefined ? [] : [`${this.#say(side, test.operand)} is ${test.negated ? 'not ' : ''}${test.is}`];
        return this.#leaf({ kind: 'local', a, b }, localShape(), [...say('a', a), ...say('b', b)].join(' and '));
      }),
    );
  }

  #equal(parts: readonly Equal[], negated: boolean): Draft {
    const digits = digitsFor(
      parts.map((part) => part.a),
      parts.map((part) => part.b),
    );
    const [a, b] = (['a', 'b'] as const).map((side) => parts.map((part) => this.#operand(part[side]))) as [
      number[],
      number[],
    ];
    const encoding: Encoding = { kind: 'equal', a, b, digits, negated };
    const say = parts
      .map((_, i) => `${this.#say('a', a[i]!)} ${negated ? '<>' : '='} ${this.#say('b', b[i]!)}`)
      .join(' and ');
    return this.#leaf(
      encoding,
      equalShape(digits, negated),
      `${say} (${digits.of === 'hash' ? '64-bit hash' : 'exact'})`,
    );
  }

  #interval({ a, b, low, high }: Interval, wanted: boolean): Draft {
    const [x, y] = [this.#operand(a), this.#operand(b)];
    const [first, second] = [a.range!, b.range!];
    const sum = `${this.#say('a', x)} + ${this.#say('b', y)}`;
    const linear = (bound: bigint, above: boolean): Draft =>
      this.#leaf(
        { kind: 'linear', a: x, b: y, bound, above },
        linearShape(first, second, bound, above),
        `${sum} ${above ? '>=' : '<='} ${bound}`,
      );
    if (low !== undefined && high !== undefined) {
      const shape = quadraticShape(first, second, low, high, !wanted);
      const encoding: Encoding = { kind: 'quadratic', a: x, b: y, low, high, outside: !wanted };
      if (shape !== undefined)
        return this.#leaf(encoding, shape, `${sum} ${wanted ? 'within' : 'outside'} ${low} … ${high}`);
      return wanted
        ? and(linear(low, true), linear(high, false))
        : or(linear(low - 1n, false), linear(high + 1n, true));
    }
    if (low !== undefined) return wanted ? linear(low, true) : linear(low - 1n, false);
    return wanted ? linear(high!, false) : linear(high! + 1n, true);
  }

  #measure(of: Measure): Draft {
    const indices = { a: this.#operand(of.a), b: this.#operand(of.b) };
    const { encoding, shape } = measureLeaf(of, indices);
    const args = [this.#say('a', indices.a), this.#say('b', indices.b), ...(of.q === undefined ? [] : [of.q])];
    const threshold = Number(of.threshold.value) / 10 ** of.threshold.scale;
    return this.#leaf(encoding, shape, `${of.name}(${args.join(', ')}) ${of.op} ${threshold}`);
  }

  #say(side: Side, operand: number): string {
    const { sql, as } = this.operands[side][operand]!;
    return as === 'integer' ? (/^CAST\((.*) AS BIGINT\)$/.exec(sql)?.[1] ?? sql) : sql;
  }

  #operand(operand: Operand): number {
    return this.#once(operandKey(operand), () => this.operands[operand.side].push(operand) - 1);
  }

  #leaf(encoding: Encoding, shape: Shape | undefined, describe: string): number {
    return this.#once(`leaf ${keyOf([encoding, shape])}`, () => this.all.push({ encoding, shape, describe }) - 1);
  }

  #once(key: string, make: () => number): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}

function measureLeaf(
  of: Measure,
  indices: Readonly<Record<Side, number>>,
): { encoding: Encoding; shape: Shape | undefined } {
  const { name, a, b, op, threshold } = of;
  switch (name) {
    case 'agree':
    case 'hamming':
      return positions(a, b, indices, { name, op, threshold });
    case 'jaccard':
    case 'dice':
      return qgrams(of, indices);
    case 'levenshtein': {
      const { most, above } = wholeBound(op, threshold);
      const lengths = { a: a.maxLength!, b: b.maxLength! };
      const encoding = { kind: 'edit', ...indices, lengths, alphabet: a.alphabet!, most: Number(most), above } as const;
      return { encoding, shape: undefined };
    }
  }
}

const opposite = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

function operandKey(operand: Operand): string {
  return `operand ${keyOf(operand)}`;
}

function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}

function flatten(parts: readonly Predicate[], kind: 'and' | 'or'): Predicate[] {
  return parts.flatMap((part) => (part.kind === kind ? flatten(part.of, kind) : [part]));
}
