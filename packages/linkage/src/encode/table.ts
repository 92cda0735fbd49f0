import { SymbolonError } from '@symbolon/crypto';
import type { CompiledRule, Local } from '../rule/compile.ts';
import type { Side } from '../rule/value.ts';

/**
 * One side's records as the rule's locals, column by column in the order of `rule.locals[side]`: texts, booleans, and whole numbers as
 * number, bigint or text; null where SQL says NULL. Rows are in the order of the run.
 */
export interface LocalTable {
  readonly rows: number;
  readonly columns: readonly (readonly unknown[])[];
}

/** Throws `data-malformed` where the table has not the rule's columns. */
export function requireShape(rule: CompiledRule, side: Side, table: LocalTable): void {
  const count = rule.locals[side].length;
  if (table.columns.length !== count)
    throw new SymbolonError(
      'data-malformed',
      `table ${side} has ${table.columns.length} prepared columns, not ${count}`,
    );
  for (const [i, column] of table.columns.entries()) {
    if (column.length !== table.rows)
      throw new SymbolonError(
        'data-malformed',
        `column ${rule.locals[side][i]!.name} of table ${side} has ${column.length} rows, not ${table.rows}`,
      );
  }
}

/** The value of a row as a whole number within the agreed range; undefined where NULL. */
export function integerAt(local: Local, values: readonly unknown[], row: number): bigint | undefined {
  const value = values[row];
  if (value === null || value === undefined) return undefined;
  const whole =
    typeof value === 'bigint'
      ? value
      : typeof value === 'boolean'
        ? BigInt(value)
        : Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,19}$/.test(value))
          ? BigInt(value as number | string)
          : undefined;
  if (whole === undefined) throw outOfRange(local, row, 'is no whole number');
  if (local.range !== undefined && (whole < local.range[0] || whole > local.range[1])) {
    throw outOfRange(
      local,
      row,
      `lies outside the range that the agreement allows${local.as === 'integer' ? ` (${local.range[0]} to ${local.range[1]} in compared units)` : ''}`,
    );
  }
  return whole;
}

/** The value of a row as a text; undefined where NULL. */
export function textAt(local: Local, values: readonly unknown[], row: number): string | undefined {
  const value = values[row];
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  throw outOfRange(local, row, 'is no text');
}

/** The error for a value, which it does not show: row counted from 1, and the columns behind the value. */
export function outOfRange(local: Local, row: number, what: string): SymbolonError {
  const columns = local.columns.map((column) => `${local.side}.${column}`).join(', ') || local.sql;
  return new SymbolonError(
    'data-out-of-range',
    `row ${row + 1} of table ${local.side}, column ${columns}: the value ${what}`,
    { culprit: columns },
  );
}
