import { type Decimal, type Interval, power, zero } from '@symbolon/sql';
import { type LocalValue, type NumberPart, partSql, rangeAt, type Side } from './value.ts';

/**
 * A value that its owner's DuckDB computes for each record, in the form in which it is compared: whole numbers (dates in days,
 * decimals times 10^scale), texts compared as a whole, symbol by symbol or as sets of q-grams, or a condition on one record.
 */
export interface Operand {
  readonly side: Side;
  readonly as: 'integer' | 'text' | 'symbols' | 'grams' | 'boolean';
  readonly sql: string;
  readonly columns: readonly string[];
  /** Integers: what the agreement's ranges allow. */
  readonly range?: Interval | undefined;
  /** Symbols and q-grams: most characters, and the characters that can agree. */
  readonly maxLength?: number | undefined;
  readonly alphabet?: string | undefined;
  /** Q-grams: characters of each. */
  readonly q?: 2 | 3 | undefined;
}

/** A part of a sum, plus a constant, as an integer at `scale`. */
export function integerOperand(side: Side, part: NumberPart, scale: number, shift: Decimal = zero): Operand {
  const sql = partSql(part, shift);
  const factor = power(scale);
  const moved = shift.value * power(scale - shift.scale);
  const range = rangeAt(part, scale);
  return {
    side,
    as: 'integer',
    sql: scale === 0 ? `CAST(${sql} AS BIGINT)` : `CAST((${sql}) * ${factor} AS BIGINT)`,
    columns: part.columns,
    range: range && [range[0] + moved, range[1] + moved],
  };
}

/** A text or condition as it stands. */
export function plainOperand(value: LocalValue, side: Side): Operand {
  const { sql, columns } = value;
  return { side, as: value.type.kind === 'boolean' ? 'boolean' : 'text', sql, columns };
}

/** A text that is compared symbol by symbol, or by its q-grams. */
export function symbolOperand(
  value: LocalValue,
  side: Side,
  symbols: { maxLength: number; alphabet: string; q: 2 | 3 | undefined },
): Operand {
  const as = symbols.q === undefined ? 'symbols' : 'grams';
  return { side, as, sql: value.sql, columns: value.columns, ...symbols };
}
