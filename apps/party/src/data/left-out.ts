import { agreedName } from '../datasets/describe.ts';
import { openSource } from './open.ts';
import type { DataSource } from './source.ts';
import { missingColumn } from './table.ts';

/** Says which records of a source take no part. */
export interface LeftOut {
  /** The columns that it looks at, by their names in agreements. A source that lacks one is refused: nobody could tell who is who. */
  readonly columns: readonly string[];
  /** @param texts of these columns, as the source has them */
  has(texts: readonly (string | null)[]): boolean;
}

/** Where the columns that are looked at stand. Throws `data-missing-column`. */
export function columnPlaces({ columns }: LeftOut, label: string, present: readonly string[]): number[] {
  const names = present.map(agreedName);
  return columns.map((column) => {
    const place = names.indexOf(column);
    if (place < 0) throw missingColumn(label, column, present);
    return place;
  });
}

/** Numbers of the records, from 0, that would be left out of a source now. */
export async function recordsOf(source: DataSource, leftOut: LeftOut): Promise<Set<number>> {
  const reader = await openSource(source);
  const places = columnPlaces(
    leftOut,
    reader.label,
    reader.columns.map(({ name }) => name),
  );
  const found = new Set<number>();
  let record = 0;
  await reader.read((cells) => {
    if (leftOut.has(places.map((place) => cells[place]!))) found.add(record);
    record++;
    return true;
  });
  return found;
}
