import { fault } from '@symbolon/crypto';
import type { Node } from '@symbolon/sql';
import { type Item, levelsOf } from './items.ts';
import { isLevel } from './tree.ts';

/**
 * What a regression makes of an item. A number is a column of its own. An item that has just a few values splits the rows into levels,
 * each of which needs k patients; its columns are indicators of every level but the first, its reference. A boolean has one such column, and so has
 * a number that takes one of two values, whose column is that number.
 */
export type Variable = { readonly item: string } & (
  | { readonly kind: 'number' }
  | {
      readonly kind: 'levels';
      readonly levels: readonly string[];
      readonly columns: readonly LevelColumn[];
    }
);

/** A column that is `offset`, and `offset + unit` at the level. */
export interface LevelColumn {
  readonly name: string;
  readonly level: string;
  /** Of the level among all. */
  readonly place: number;
  readonly offset: number;
  readonly unit: number;
}

export function variableOf(item: Omit<Item, 'tree'>): Variable {
  const { name, type } = item;
  if (type.kind === 'number') {
    const [lo, hi] = type.range.map(BigInt) as [bigint, bigint];
    if (hi - lo !== 1n) return { item: name, kind: 'number' };
    const unit = 10 ** -type.scale;
    const levels = levelsOf(item);
    return {
      item: name,
      kind: 'levels',
      levels,
      columns: [{ name, level: levels[1]!, place: 1, offset: Number(levels[0]), unit }],
    };
  }
  const levels = levelsOf(item);
  const columns = levels.slice(1).map((level, i): LevelColumn => {
    return { name: type.kind === 'boolean' ? name : `${name}: ${level}`, level, place: i + 1, offset: 0, unit: 1 };
  });
  return { item: name, kind: 'levels', levels, columns };
}

/** A set of rows with the same values of one or two items. */
export interface LevelCell {
  /** Such as `sex#0&app#1`: no texts of data, whose case or commas could make two names one. */
  readonly name: string;
  readonly filters: readonly Node[];
}

/** The sets of rows that stand behind the sums and products of a regression's columns: each level, and the levels of each two items. */
export function levelCells(items: readonly Item[]): LevelCell[] {
  const each = items.map((item) => {
    const variable = variableOf(item);
    if (variable.kind === 'number') return [];
    return variable.levels.map((level, place) => ({
      name: levelName(item.name, place),
      filters: [isLevel(item, level)],
    }));
  });
  const pairs = each.flatMap((cells, i) =>
    each
      .slice(0, i)
      .flat()
      .flatMap((other) =>
        cells.map((cell) => ({ name: bothName(other.name, cell.name), filters: [...other.filters, ...cell.filters] })),
      ),
  );
  return [...each.flat(), ...pairs];
}

export const levelName = (item: string, place: number): string => `${item}#${place}`;
export const bothName = (first: string, second: string): string => `${first}&${second}`;

/** @throws SymbolonError `study-unsupported` where the items make too many columns of a regression */
export function requireColumns(items: readonly Item[], method: string): void {
  const counts = items.map(variableOf).map((of) => (of.kind === 'number' ? 1 : of.columns.length));
  const columns = counts.reduce((sum, count) => sum + count, -1);
  if (columns > mostColumns)
    throw fault(
      'study-unsupported',
      `${method}: ${columns} columns, and ${mostColumns} are the most; merge values by CASE`,
    );
}

const mostColumns = 64;
