import { SymbolonError } from '@symbolon/crypto';
import { convertColumn } from './convert.ts';
import { columnPlaces, type LeftOut } from './left-out.ts';
import { openSource } from './open.ts';
import { type DataSource, type Problems, place } from './source.ts';
import { type AgreedColumn, missingColumn, Table, type TableColumn, type Value } from './table.ts';

/**
 * Loads the agreed columns of a source and holds every value against its column's rules. One bad record refuses the whole
 * table: a record dropped in silence would be a patient who is never found.
 *
 * Throws `data-malformed`, `data-missing-column`, `data-out-of-range` (with file, row, column and rule), `config-invalid`.
 *
 * @param columns agreed columns by name
 * @param limits `maxRows`: rows that the agreement allows
 * @param leftOut records that take no part: they are not even held against the rules
 */
export async function loadTable(
  source: DataSource,
  columns: Readonly<Record<string, AgreedColumn>>,
  limits: { maxRows: number },
  leftOut?: LeftOut,
): Promise<Table> {
  const reader = await openSource(source);
  const { label, unit, problems } = reader;
  refuseProblems(problems, unit);
  const present = reader.columns.map(({ name }) => name);
  const found = Object.keys(columns).map((name) => {
    const wanted = columns[name]!.from ?? name;
    const at = present.indexOf(wanted);
    if (at < 0) throw missingColumn(label, wanted, present);
    return { name, at };
  });
  const read = found.filter(({ name }) => columns[name]!.unread !== true);
  const [names, places] = [read.map(({ name }) => name), read.map(({ at }) => at)];
  const texts = names.map((): (string | null)[] => []);
  const lines: number[] = [];
  const records: number[] = [];
  let count = 0;
  const watched = leftOut === undefined ? [] : columnPlaces(leftOut, label, present);
  await reader.read((cells, line) => {
    const record = count++;
    if (leftOut?.has(watched.map((place) => cells[place]!))) return true;
    lines.push(line);
    if (leftOut !== undefined) records.push(record);
    for (let i = 0; i < places.length; i++) texts[i]!.push(cells[places[i]!]!);
    return lines.length <= limits.maxRows;
  });
  refuseProblems(problems, unit);
  if (lines.length > limits.maxRows) {
    throw new SymbolonError(
      'data-out-of-range',
      `${label} has more than ${limits.maxRows} rows, the most that are agreed`,
      {
        culprit: label,
        hint: 'Use a smaller table, or agree on more rows.',
      },
    );
  }
  if (lines.length === 0) {
    const what = count === 0 ? 'columns, but no records' : 'no records but of people who take no part';
    throw new SymbolonError('data-malformed', `${label} has ${what}`, { culprit: label });
  }
  const result = new Map<string, TableColumn>();
  for (const [i, name] of names.entries()) {
    const wanted = columns[name]!;
    const at = (row: number) => `${label}, ${place(unit, lines[row]!, wanted.from ?? name)}`;
    result.set(name, {
      type: wanted.type,
      scale: wanted.scale ?? 0,
      values: convertColumn(name, texts[i]!, wanted, at),
    });
  }
  const kept = { records: Uint32Array.from(records), leftOut: count - lines.length };
  return new Table(label, unit, Uint32Array.from(lines), result, kept.leftOut === 0 ? undefined : kept);
}

/** Throws `data-malformed` for the first fault of a source. */
export function refuseProblems(problems: Problems, unit: 'line' | 'row'): void {
  const [first] = problems.listed;
  if (first === undefined) return;
  const more = problems.count === 1 ? '' : ` (and ${problems.count - 1} more)`;
  throw new SymbolonError(
    'data-malformed',
    `${first.file}, ${place(unit, first.row, first.column)}: ${first.message}${more}`,
    {
      culprit: first.file,
    },
  );
}

/** Holds that every row has a value in this column and no two rows the same one; throws `data-duplicate-id` with their lines. */
export function requireUnique(table: Table, column: string): void {
  const values = table.column(column);
  const distinct = new Set(values);
  if (distinct.size === values.length && !distinct.has(null)) return;
  const first = new Map<Value, number>();
  const pairs: string[] = [];
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value === null) {
      const where = `${table.label}, ${place(table.unit, table.line(row), column)}`;
      throw new SymbolonError('data-duplicate-id', `${where}: has no value, but the column must identify each row`, {
        culprit: table.label,
        hint: 'Give every row a value of its own in this column.',
      });
    }
    const before = first.get(value);
    if (before === undefined) first.set(value, row);
    else if (count++ < 5) pairs.push(`${table.line(before)} and ${table.line(row)}`);
  }
  const more = count > pairs.length ? ` (and ${count - pairs.length} more)` : '';
  throw new SymbolonError(
    'data-duplicate-id',
    `${table.label}, column '${column}': the same value stands in ${table.unit}s ${pairs.join(', ')}${more}`,
    { culprit: table.label },
  );
}
