import { addDecimal, type Decimal, type Interval, plus, power, printDecimal, zero } from '@symbolon/sql';
import type { MeasureName } from './measure.ts';
import type { Score } from './score.ts';

export type Side = 'a' | 'b';

/** What is known of an expression before any record is seen. Ranges are of the value times 10^scale, dates in days. */
export type Type =
  | { readonly kind: 'text'; readonly maxLength?: number | undefined; readonly alphabet: string }
  | { readonly kind: 'number'; readonly scale: number; readonly range?: Interval | undefined }
  | { readonly kind: 'date'; readonly range: Interval }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'null' };

/** A number made of one table's columns: Σ ± sql. */
export interface NumberPart {
  readonly terms: readonly { readonly sign: 1 | -1; readonly sql: string }[];
  readonly scale: number;
  readonly range: Interval | undefined;
  readonly columns: readonly string[];
}

/** A number (or date, in days) as a sum of what is a's, what is b's, and a constant. */
export interface Sum {
  readonly a?: NumberPart | undefined;
  readonly b?: NumberPart | undefined;
  readonly shift: Decimal;
}

/** A scalar that one party computes from its own record (`side` undefined: from nothing). */
export interface LocalValue {
  readonly kind: 'local';
  readonly side: Side | undefined;
  readonly sql: string;
  readonly type: Type;
  readonly columns: readonly string[];
  /** The value of a literal; numbers as decimals, dates and text as text. */
  readonly literal?: string | Decimal;
  /** How a number or date splits into columns and constants. */
  readonly sum?: Sum;
  /** The same as a sum of weights, where conditions decide it. */
  readonly score?: Score | undefined;
}

/** What a scalar expression of a rule can be. */
export type Value =
  | LocalValue
  | { readonly kind: 'sum'; readonly sum: Sum; readonly date: boolean; readonly score?: Score | undefined }
  | { readonly kind: 'score'; readonly score: Score }
  | { readonly kind: 'distance'; readonly sum: Sum }
  | {
      readonly kind: 'measure';
      readonly name: MeasureName;
      readonly a: LocalValue;
      readonly b: LocalValue;
      readonly q?: 2 | 3;
    };

export const epoch = "DATE '1970-01-01'";

/** The sum behind a number or date that one party computes. */
export function sumOf(value: LocalValue): Sum {
  if (value.sum !== undefined) return value.sum;
  if (value.type.kind !== 'number' && value.type.kind !== 'date') throw new TypeError('a sum is of numbers or dates');
  const isDate = value.type.kind === 'date';
  const sql = isDate ? `date_diff('day', ${epoch}, ${value.sql})` : value.sql;
  const part: NumberPart = {
    terms: [{ sign: 1, sql }],
    scale: value.type.kind === 'number' ? value.type.scale : 0,
    range: value.type.range,
    columns: value.columns,
  };
  return { [value.side ?? 'a']: part, shift: zero };
}

export function addSums(x: Sum, y: Sum, sign: 1 | -1): Sum {
  return { a: addParts(x.a, y.a, sign), b: addParts(x.b, y.b, sign), shift: addDecimal(x.shift, y.shift, sign) };
}

export function negatePart(part: NumberPart): NumberPart {
  return {
    ...part,
    terms: part.terms.map(({ sign, sql }) => ({ sign: sign === 1 ? -1 : 1, sql })),
    range: part.range && [-part.range[1], -part.range[0]],
  };
}

function addParts(x: NumberPart | undefined, y: NumberPart | undefined, sign: 1 | -1): NumberPart | undefined {
  const other = y && sign === -1 ? negatePart(y) : y;
  if (x === undefined || other === undefined) return x ?? other;
  const scale = Math.max(x.scale, other.scale);
  const [first, second] = [rangeAt(x, scale), rangeAt(other, scale)];
  return {
    terms: [...x.terms, ...other.terms],
    scale,
    range: first && second && plus(first, second),
    columns: [...new Set([...x.columns, ...other.columns])],
  };
}

/** The part's range times 10^scale. */
export function rangeAt(part: NumberPart, scale: number): Interval | undefined {
  const factor = power(scale - part.scale);
  return part.range && [part.range[0] * factor, part.range[1] * factor];
}

/** SQL of the part, plus a constant. */
export function partSql(part: NumberPart, shift: Decimal = zero): string {
  const sum = part.terms
    .map(({ sign, sql }, index) =>
      sign === 1 ? (index === 0 ? sql : ` + ${sql}`) : index === 0 ? `-${sql}` : ` - ${sql}`,
    )
    .join('');
  if (shift.value === 0n) return sum;
  const { value, scale } = shift;
  return `${sum} ${value < 0n ? '-' : '+'} ${printDecimal({ value: value < 0n ? -value : value, scale })}`;
}
