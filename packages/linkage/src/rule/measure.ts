import { atScale, type Decimal, floorDecimal, type Node, power } from '@symbolon/sql';
import { type Operand, symbolOperand } from './operand.ts';
import type { Scope } from './scope.ts';
import type { LocalValue, Value } from './value.ts';

/** How alike, or how far apart, a text of a and a text of b are. */
export type MeasureName = 'agree' | 'hamming' | 'levenshtein' | 'jaccard' | 'dice';

export type Order = '<' | '<=' | '>' | '>=';

/** A measure held against a constant. */
export interface Measure {
  readonly kind: 'measure';
  readonly name: MeasureName;
  readonly a: Operand;
  readonly b: Operand;
  readonly op: Order;
  readonly threshold: Decimal;
  /** Of jaccard and dice: characters of a piece. */
  readonly q?: 2 | 3 | undefined;
}

interface Kind {
  readonly takes: string;
  readonly example: string;
  readonly ratio: boolean;
  readonly grams: boolean;
}

const twoTexts = 'a text of a and a text of b';
const pieces = `${twoTexts}, and how many characters a piece has, 2 or 3`;

const kinds: Readonly<Record<MeasureName, Kind>> = {
  agree: { takes: twoTexts, example: 'agree(a.x, b.y) >= 0.9', ratio: true, grams: false },
  hamming: { takes: twoTexts, example: 'hamming(a.x, b.y) <= 2', ratio: false, grams: false },
  levenshtein: { takes: twoTexts, example: 'levenshtein(a.x, b.y) <= 2', ratio: false, grams: false },
  jaccard: { takes: pieces, example: 'jaccard(a.x, b.y, 2) >= 0.8', ratio: true, grams: true },
  dice: { takes: pieces, example: 'dice(a.x, b.y, 2) >= 0.8', ratio: true, grams: true },
};

export const measures = Object.keys(kinds) as readonly MeasureName[];

/** Larger distances cost more than whoever writes them expects. */
const mostEdits = 8n;

export function isMeasure(name: string): name is MeasureName {
  return Object.hasOwn(kinds, name);
}

/** name(args), as it stands in a rule. */
export function measure(
  name: MeasureName,
  args: readonly Value[],
  at: Node,
  scope: Scope,
): Value & { kind: 'measure' } {
  const { takes, example, grams } = kinds[name];
  const wrong = () => scope.refuse(at, `${name} takes ${takes}: ${example}`);
  const [x, y, size] = args;
  if (args.length !== (grams ? 3 : 2) || !isText(x) || !isText(y)) throw wrong();
  const [a, b] = x.side === 'b' ? [y, x] : [x, y];
  if (a.side !== 'a' || b.side !== 'b') throw wrong();
  if (!grams) return { kind: 'measure', name, a, b };
  const q = [2, 3] as const;
  const found = q.find(
    (length) => isConstant(size) && size.literal.scale === 0 && size.literal.value === BigInt(length),
  );
  if (found === undefined) throw wrong();
  return { kind: 'measure', name, a, b, q: found };
}

/** A measure op a constant. */
export function measured(
  op: string,
  { name, q, ...texts }: Value & { kind: 'measure' },
  other: Value,
  at: Node,
  scope: Scope,
): Measure {
  const { example } = kinds[name];
  if (!isConstant(other)) throw scope.refuse(at, `${name} is compared with a constant: ${example}`);
  if (!isOrder(op)) throw scope.refuse(at, `${name} is compared with <, <=, > or >=, not with ${op}`);
  const threshold = other.literal;
  requireBound(name, op, threshold, at, scope);
  const [a, b] = [boundedText(name, texts.a, at, scope), boundedText(name, texts.b, at, scope)];
  // A character that only one side can have never agrees with anything.
  const alphabet = [...a.alphabet].filter((symbol) => b.alphabet.includes(symbol)).join('');
  if ([...alphabet].length === 0 || [...alphabet].length > 94)
    throw scope.refuse(at, `${name} needs 1 to 94 characters that both texts can have`);
  const operands = {
    a: symbolOperand(texts.a, 'a', { maxLength: a.maxLength, alphabet, q }),
    b: symbolOperand(texts.b, 'b', { maxLength: b.maxLength, alphabet, q }),
  };
  return { kind: 'measure', name, ...operands, op, threshold, q };
}

/** A whole number op `threshold`: at most `most`, or (above) more than that. */
export function wholeBound(op: Order, threshold: Decimal): { most: bigint; above: boolean } {
  const floor = floorDecimal(threshold);
  const whole = threshold.value === atScale({ value: floor, scale: 0 }, threshold.scale);
  const most = (op === '<' || op === '>=') && whole ? floor - 1n : floor;
  return { most, above: op === '>' || op === '>=' };
}

export function isConstant(value: Value | undefined): value is LocalValue & { literal: Decimal } {
  return value?.kind === 'local' && typeof value.literal === 'object';
}

function isText(value: Value | undefined): value is LocalValue {
  return value?.kind === 'local' && value.type.kind === 'text';
}

export function isOrder(op: string): op is Order {
  return op === '<' || op === '<=' || op === '>' || op === '>=';
}

function requireBound(name: MeasureName, op: Order, threshold: Decimal, at: Node, scope: Scope): void {
  const { ratio } = kinds[name];
  if (threshold.value < 0n || (ratio && threshold.value > power(threshold.scale)))
    throw scope.refuse(
      at,
      `${name} never lies beyond this bound; ${ratio ? `${name} is between 0 and 1` : `${name} is 0 or more`}`,
    );
  if (name !== 'levenshtein') return;
  const { most } = wholeBound(op, threshold);
  if (most < 0n) throw scope.refuse(at, 'levenshtein is 0 or more: this says the same of every pair');
  if (most > mostEdits)
    throw scope.refuse(at, `levenshtein tells at most ${mostEdits} edits; more would be slow: use dice or jaccard`);
}

function boundedText(name: MeasureName, value: LocalValue, at: Node, scope: Scope) {
  const { maxLength, alphabet } = value.type as LocalValue['type'] & { kind: 'text' };
  if (maxLength === undefined)
    throw scope.refuse(at, `${name} needs a maxLength for the column ${value.columns.join(', ')} in the agreement`);
  return { maxLength: Math.max(1, maxLength), alphabet };
}
