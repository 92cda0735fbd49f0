import { slotCount } from '../parameters.ts';
import type { Checks } from './checks.ts';
import { type Layout, requireValue, type Value } from './layout.ts';

/** A row of the table: its values in the order of the columns. */
export type Row = readonly Value[];

/**
 * The slots of all encrypted columns of one chunk, column by column. Runs at: the owner.
 * Throws `table-layout` for a value that its column cannot have.
 *
 * @param rows of this chunk, at most `layout.rowsOfChunk` @param first their number in the table
 */
export function encodeChunk(
  layout: Layout,
  checks: Checks,
  chunk: number,
  rows: readonly Row[],
  first: number,
): Int32Array[] {
  const { columns, specs } = layout;
  for (const [i, row] of rows.entries()) {
    for (const [j, spec] of specs.entries()) requireValue(spec, row[j] ?? null, first + i);
  }
  const checkRows = checks.rows(chunk);
  return columns.map(({ of, from }) => {
    const slots = new Int32Array(slotCount);
    for (const [i, row] of rows.entries()) slots[checks.rowSlots[i]!] = of(row[from] ?? null);
    for (const [i, row] of checkRows.entries()) slots[checks.slots[i]!] = of(row[from] ?? null);
    return slots;
  });
}

/**
 * The same rows under other check rows: slots of one chunk of all columns as they were, to slots as they are encrypted under another key. Runs at: the
 * owner.
 */
export function moveChunk(
  { columns }: Layout,
  { from, to }: { from: Checks; to: Checks },
  chunk: number,
  slots: readonly Int32Array[],
): Int32Array[] {
  const checkRows = to.rows(chunk);
  return columns.map(({ of, from: place }, column) => {
    const moved = new Int32Array(slotCount);
    for (const [i, slot] of from.rowSlots.entries()) moved[to.rowSlots[i]!] = slots[column]![slot]!;
    for (const [i, row] of checkRows.entries()) moved[to.slots[i]!] = of(row[place] ?? null);
    return moved;
  });
}
