import { ColumnInference, type InspectedColumn } from './infer.ts';
import { openSource } from './open.ts';
import { type DataSource, type Problem, type Reader, UnreadableSource } from './source.ts';

/** What {@link inspectSource} found. */
export interface Inspection {
  columns: InspectedColumn[];
  /** Records without a fault. */
  rows: number;
  /** The first faults, at most 100. */
  problems: Problem[];
  /** All faults. */
  problemCount: number;
  /** How the source was understood, in sentences. */
  notes: string[];
}

/**
 * Reads a whole source once: finds the type of each column, and reports every record that cannot be read.
 * Does not throw for malformed content; throws `config-invalid` where the source cannot be reached.
 */
export async function inspectSource(source: DataSource): Promise<Inspection> {
  let reader: Reader;
  try {
    reader = await openSource(source);
  } catch (cause) {
    if (!(cause instanceof UnreadableSource)) throw cause;
    return { columns: [], rows: 0, problems: [cause.problem], problemCount: 1, notes: [] };
  }
  const columns = reader.columns.map(({ name, declared }) => new ColumnInference(name, declared));
  let rows = 0;
  try {
    await reader.read((cells, line) => {
      rows++;
      for (let i = 0; i < columns.length; i++) columns[i]!.add(cells[i]!, line);
      return true;
    });
  } catch (cause) {
    if (!(cause instanceof UnreadableSource)) throw cause;
    reader.problems.add(cause.problem.row, null, cause.problem.message);
  }
  const { problems, unit } = reader;
  if (rows === 0 && problems.count === 0) problems.add(1, null, 'there are columns, but no records');
  const found = columns.map((column) => column.finish(unit));
  return {
    columns: found.map(({ column }) => column),
    rows,
    problems: problems.listed,
    problemCount: problems.count,
    notes: [...reader.notes, ...found.flatMap(({ notes }) => notes)],
  };
}
