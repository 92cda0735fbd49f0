import type { Schema, StudyColumn } from '@symbolon/analytics';
import { fault } from '@symbolon/crypto';
import type { EncryptedColumn, Row } from '@symbolon/fhe';
import type { InspectedColumn } from '../data/infer.ts';
import type { AgreedColumn, Table, Value } from '../data/table.ts';

/** A table that is to be encrypted: which columns, as what, and how questions may use them. */
export interface OutsourcedTable {
  readonly name: string;
  /** The column that tells patients apart; it is not encrypted. */
  readonly patient: string;
  readonly columns: readonly EncryptedColumn[];
  /** As features, for scores; else exactly, for totals. */
  readonly kind?: 'features';
  /** A group with fewer patients is withheld. */
  readonly minPatients: number;
}

/** Different texts of a column, at most, for each to be a value of its own. */
const mostValues = 64;
/** Numbers with so few whole values have a band for each. */
const mostBands = 32;

/**
 * What of a table can be encrypted, found out from its data. Texts of many values cannot: the columns are left out, and named.
 * @param parts of the table: one, or that of each owner @param cuts by column: where bands of a number or date begin, as SQL writes them
 */
export function describeTable(
  parts: readonly Table[],
  inspected: readonly InspectedColumn[],
  of: { name: string; patient: string; minPatients: number; cuts: Readonly<Record<string, readonly string[]>> },
): { readonly outsourced: OutsourcedTable; readonly leftOut: readonly string[] } {
  const { cuts, ...rest } = of;
  const stranger = Object.keys(cuts).find((name) => !inspected.some((column) => column.name === name));
  if (stranger !== undefined)
    throw fault('data-missing-column', `there is no column ${stranger}`, { culprit: stranger });
  const leftOut: string[] = [];
  const columns: EncryptedColumn[] = [];
  for (const found of inspected) {
    if (found.name === of.patient) continue;
    const described = studyColumn(found, parts);
    // Where no value is missing, questions need not ask whether one is: a product less.
    const column = found.nulls === 0 ? described && { ...described, required: true as const } : described;
    if (column === undefined) leftOut.push(found.name);
    else columns.push(outsourcedColumn(found.name, column, cuts[found.name]));
  }
  return { outsourced: { ...rest, columns }, leftOut };
}

/** How a column is encrypted. @param cuts where bands begin; if absent, whole numbers of a small range have one each */
export function outsourcedColumn(
  name: string,
  column: StudyColumn,
  cuts: readonly string[] | undefined,
): EncryptedColumn {
  return { name, column, squares: isNarrow(column), ...bands(column, cuts) };
}

function studyColumn(
  { name, type, min, max, scale = 0 }: InspectedColumn,
  parts: readonly Table[],
): StudyColumn | undefined {
  switch (type) {
    case 'boolean':
      return { type, policy: 'group' };
    case 'text': {
      const values = [...new Set(parts.flatMap(({ columns }) => columns.get(name)!.values))]
        .filter((value) => value !== null)
        .map(String)
        .sort();
      return values.length === 0 || values.length > mostValues ? undefined : { type, values, policy: 'group' };
    }
    case 'number':
      return min === undefined
        ? undefined
        : { type, min, max: max!, policy: 'group', ...(scale === 0 ? {} : { scale }) };
    case 'date':
      return min === undefined ? undefined : { type, min, max: max!, policy: 'group' };
  }
}

/** Squares of wider numbers do not fit. */
function isNarrow(column: StudyColumn): boolean {
  return column.type === 'number' && (Number(column.max) - Number(column.min)) * 10 ** (column.scale ?? 0) <= 2 ** 26;
}

function bands(column: StudyColumn, cuts: readonly string[] | undefined): { cuts?: readonly string[] } {
  if (cuts !== undefined) return { cuts };
  if (column.type !== 'number' || (column.scale ?? 0) > 0) return {};
  const [min, max] = [Number(column.min), Number(column.max)];
  if (max - min >= mostBands) return {};
  return { cuts: Array.from({ length: max - min }, (_, i) => String(min + i + 1)) };
}

/** What questions are bound to. @param owners each of which has rows of the table, under a key of its own @param rows of one, at most */
export function outsourcedSchema(
  { name, patient, columns, minPatients }: OutsourcedTable,
  owners: readonly string[],
  rows: number,
): Schema {
  const described = Object.fromEntries(columns.map((one) => [one.name, one.column]));
  return {
    tables: {
      [name]: {
        parties: [...owners],
        maxRows: rows,
        patient,
        onePerPatient: true,
        columns: { ...described, [patient]: { type: 'text', policy: 'join', required: true } },
      },
    },
    joins: [],
    minPatients,
  };
}

/** How a source's columns are read, so that the whole numbers of {@link rowsOf} are those that are encrypted. */
export function readAs(inspected: readonly InspectedColumn[]): Record<string, AgreedColumn> {
  return Object.fromEntries(
    inspected.map(({ name, type, scale, format }) => [
      name,
      { type, ...(scale === undefined ? {} : { scale }), ...(format === undefined ? {} : { format }) },
    ]),
  );
}

/** The rows of a table as they are encrypted. */
export async function* rowsOf(table: Table, { columns }: OutsourcedTable): AsyncGenerator<Row> {
  const values = columns.map(({ name }) => table.columns.get(name)!.values);
  for (let row = 0; row < table.rows; row++) yield values.map((column) => plain(column[row]!));
}

/** A value as it is encrypted. */
export function plain(value: Value): string | number | null {
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : Number(value);
}
