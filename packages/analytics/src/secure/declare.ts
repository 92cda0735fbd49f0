import type { PlanBuilder, Wire } from '@symbolon/engine';
import { codeShape } from './codes.ts';
import { isWord, type LaneColumn, type Rows, wordRange } from './columns.ts';

/** One vector at least. */
export function paddedBins(bins: number): number {
  return Math.max(1, Math.ceil(bins / 64)) * 64;
}

/** Names of a region's inputs, by the party that gives them. */
export const inputName = {
  row: (party: number): string => `row/${party}`,
  column: (party: number, table: number, column: LaneColumn): string => `${columnName(column)}/${party}/${table}`,
  /** One-hot of the left key, in words. */
  words: (party: number): string => `words/${party}`,
  found: (party: number, table: number): string => `found/${party}/${table}`,
};

/** A column of a table; the bits of a one-hot key are one. */
export function columnName({ node, form, place }: LaneColumn): string {
  return form === 'text' ? `text ${place} ${node}` : `${form} ${node}`;
}

/** One input a column; of one-hot bits one for all. */
export function declareColumns(
  builder: PlanBuilder,
  rows: Rows,
  columns: readonly LaneColumn[],
  { party, table, lanes }: { party: number; table: number; lanes: number },
): Map<string, Wire> {
  const wires = new Map<string, Wire>();
  for (const column of columns.filter(({ form, place }) => form !== 'hot' || place === 0)) {
    const name = inputName.column(party, table, column);
    const range = wordRange(rows, column);
    wires.set(
      columnName(column),
      isWord(column)
        ? builder.input(name, party, { ring: 64, size: lanes, ...(range && { range }) })
        : builder.inputBits(name, party, bitsOf(rows, columns, column) * lanes),
    );
  }
  return wires;
}

/** Bits a lane. */
function bitsOf(rows: Rows, columns: readonly LaneColumn[], { node, form }: LaneColumn): number {
  if (form === 'bits') return codeShape(rows.nodes[node]!).row;
  return columns.filter((column) => column.node === node && column.form === form).length;
}
