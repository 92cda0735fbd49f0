import type { Decimal } from '@symbolon/sql';
import type { Type } from './schema.ts';

/** A column of a table of the study. */
export interface ColumnRef {
  /** The table's alias. */
  readonly table: string;
  readonly column: string;
}

/** A value of each row: of one table (or none), which its owner computes; or `node`, made of several tables' values. */
export interface Value {
  /** Printed anew, over all tables by their aliases. Total: no row makes it fail. */
  readonly sql: string;
  readonly type: Type;
  readonly nullable: boolean;
  readonly refs: readonly ColumnRef[];
  /** Those whose values can be read off it, not only whether they meet a condition; all of them, if absent. */
  readonly shown?: readonly ColumnRef[];
  /** It is a column as it stands. */
  readonly bare?: true;
  readonly literal?: Decimal | string | boolean | null;
  readonly node?: number;
}

export type Numeric = Value & { readonly type: Type & { readonly kind: 'number' | 'date' } };

/** Aliases of the tables whose columns stand in the values. */
export function tablesOf(values: readonly Value[]): ReadonlySet<string> {
  return new Set(values.flatMap((value) => value.refs.map(({ table }) => table)));
}

/** Columns whose values can be read off one of the values. */
export function shownOf(values: readonly Value[]): readonly ColumnRef[] {
  return once(values.flatMap((value) => value.shown ?? value.refs));
}

/** Columns that the values are made of. */
export function refsOf(values: readonly Value[]): readonly ColumnRef[] {
  return once(values.flatMap((value) => value.refs));
}

function once(refs: readonly ColumnRef[]): readonly ColumnRef[] {
  return [...new Map(refs.map((ref) => [`${ref.table}.${ref.column}`, ref])).values()];
}

/** Whether one owner can compute something of all of them. */
export function areLocal(values: readonly Value[]): boolean {
  return tablesOf(values).size <= 1;
}

export function isNumeric(value: Value): value is Numeric {
  return value.type.kind === 'number' || value.type.kind === 'date';
}

/** Digits behind the point of its whole numbers. */
export function scaleOf({ type }: Numeric): number {
  return type.kind === 'number' ? type.scale : 0;
}
