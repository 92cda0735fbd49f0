import type { StudyColumn } from '@symbolon/agreement';
import { fault, SymbolonError } from '@symbolon/crypto';
import type { Row } from '@symbolon/fhe';
import { convertColumn } from '../data/convert.ts';
import { refuseProblems } from '../data/load.ts';
import { openSource } from '../data/open.ts';
import { type DataSource, place } from '../data/source.ts';
import { missingColumn } from '../data/table.ts';
import type { DateFormat } from '../data/values.ts';
import { agreedColumn } from '../study/tables.ts';
import { plain } from './describe.ts';

/** A column that is encrypted, and where it stands in the source. */
export interface ReadColumn {
  /** Its name in the agreement. */
  readonly name: string;
  readonly from: string;
  readonly column: StudyColumn;
  /** Of dates, where the source was inspected. */
  readonly format?: DateFormat;
}

/** What is read of a source to be encrypted. */
export interface Reading {
  readonly source: DataSource;
  readonly columns: readonly ReadColumn[];
  /** The column that tells patients apart, as the source calls it; no two rows have the same. */
  readonly patient: string;
  /** Numbers of records that take no part. */
  readonly leftOut: ReadonlySet<number>;
  readonly maxRows: number;
}

/**
 * Reads the rows of a source as they are encrypted, a chunk at a time, and holds every value against its column's rules. One bad record refuses all.
 * Throws `data-…` with file, row and column, never a value. @returns how many there are
 */
export async function readRows(
  { source, columns, patient, leftOut, maxRows }: Reading,
  chunk: number,
  each: (rows: readonly Row[], patients: readonly string[]) => void,
): Promise<number> {
  const reader = await openSource(source);
  const { label, unit, problems } = reader;
  refuseProblems(problems, unit);
  const present = reader.columns.map(({ name }) => name);
  const placeOf = (name: string): number => {
    const at = present.indexOf(name);
    if (at < 0) throw missingColumn(label, name, present);
    return at;
  };
  const places = columns.map(({ from }) => placeOf(from));
  const who = placeOf(patient);
  const patients = new Set<string>();
  let texts: (string | null)[][] = columns.map(() => []);
  let lines: number[] = [];
  let ids: string[] = [];
  let record = 0;
  let rows = 0;
  const flush = (): void => {
    if (lines.length === 0) return;
    const values = columns.map(({ name, from, column, format }, i) => {
      const agreed = { ...agreedColumn(column), ...(format === undefined ? {} : { format }) };
      return convertColumn(name, texts[i]!, agreed, (row) => `${label}, ${place(unit, lines[row]!, from)}`);
    });
    each(
      lines.map((_, row) => values.map((column) => plain(column[row]!))),
      ids,
    );
    texts = columns.map(() => []);
    lines = [];
    ids = [];
  };
  await reader.read((cells, line) => {
    if (leftOut.has(record++)) return true;
    const id = cells[who]!;
    if (id === null || id === '' || patients.has(id)) {
      const why = id === null || id === '' ? 'has no value' : 'stands there twice';
      throw fault('data-duplicate-id', `${label}, ${place(unit, line, patient)}: ${why}; each row is a patient`, {
        culprit: label,
      });
    }
    patients.add(id);
    for (const [i, at] of places.entries()) texts[i]!.push(cells[at]!);
    lines.push(line);
    ids.push(id);
    rows++;
    if (lines.length === chunk) flush();
    return rows <= maxRows;
  });
  refuseProblems(problems, unit);
  flush();
  if (rows > maxRows) {
    throw new SymbolonError('data-out-of-range', `${label} has more than ${maxRows} rows, the most that are agreed`, {
      culprit: label,
      hint: 'Use a smaller table, or agree on more rows.',
    });
  }
  if (rows === 0) throw new SymbolonError('data-malformed', `${label} has no records to encrypt`, { culprit: label });
  return rows;
}
