import { fault } from '@symbolon/crypto';
import type { Inspection } from '@symbolon/party';

type InspectedColumn = Inspection['columns'][number];

/**
 * The columns of a table of which several hospitals have rows: as in an agreement, one range and one scale for all. Throws `data-missing-column`,
 * and `data-malformed` where a column is of another type in a file.
 *
 * @param files by name, for messages
 */
export function sameColumns(files: readonly (readonly [name: string, inspection: Inspection])[]): InspectedColumn[] {
  const [[, first]] = files as [(typeof files)[number]];
  return first.columns.map((column) =>
    files.slice(1).reduce((merged, [name, { columns }]) => {
      const other = columns.find((one) => one.name === column.name);
      if (other === undefined)
        throw fault('data-missing-column', `${name} has no column ${column.name}`, { culprit: name });
      if (other.type !== column.type)
        throw fault('data-malformed', `${column.name} is ${other.type} in ${name}, and ${column.type} elsewhere`, {
          culprit: name,
        });
      return both(merged, other);
    }, column),
  );
}

function both(one: InspectedColumn, other: InspectedColumn): InspectedColumn {
  const merged = { ...one, nulls: one.nulls + other.nulls };
  if (one.min !== undefined && other.min !== undefined) {
    const before = (a: string, b: string): boolean => (one.type === 'date' ? a < b : Number(a) < Number(b));
    merged.min = before(other.min, one.min) ? other.min : one.min;
    merged.max = before(one.max!, other.max!) ? other.max! : one.max!;
  }
  if (one.scale !== undefined || other.scale !== undefined) merged.scale = Math.max(one.scale ?? 0, other.scale ?? 0);
  return merged;
}
