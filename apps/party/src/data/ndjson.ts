import { flatten, type JsonScalar } from './flatten.ts';
import { readLines } from './lines.ts';
import { type Cells, type ColumnType, Problems, type Reader, type SourceColumn } from './source.ts';

const maxColumns = 500;

/** Opens a file with one JSON object a line. A first pass collects the columns; {@link flatten} says what they are called. */
export async function openNdjson(path: string): Promise<Reader> {
  const problems = new Problems(path);
  const types = new Map<string, ColumnType>();
  let records = 0;
  await eachObject(path, problems, (object, line) => {
    records++;
    const note = (column: string, value: JsonScalar) => {
      const type = typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'text';
      const known = types.get(column);
      if (known === undefined && types.size === maxColumns) return;
      types.set(column, known === undefined || known === type ? type : 'text');
      if (type === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
        problems.add(line, column, 'the number is too large to be read exactly; write it as a string');
      }
    };
    flatten(object, note);
    return true;
  });
  if (records === 0 && problems.count === 0)
    problems.add(1, null, 'the file is empty; it must have one JSON object a line');
  const columns = [...types].map(([name, declared]): SourceColumn => ({ name, declared }));
  const index = new Map(columns.map(({ name }, i) => [name, i]));
  const read = (row: (cells: Cells, line: number) => boolean): Promise<void> =>
    // Faults of lines were found in the first pass.
    eachObject(path, new Problems(path), (object, line) => {
      const cells = new Array<string | null>(columns.length).fill(null);
      flatten(object, (column, value) => {
        const at = index.get(column);
        if (at !== undefined && value !== '') cells[at] = String(value);
      });
      return row(cells, line);
    });
  return { label: path, unit: 'line', columns, problems, notes: [], read };
}

async function eachObject(
  path: string,
  problems: Problems,
  row: (object: Record<string, unknown>, line: number) => boolean,
): Promise<void> {
  let line = 0;
  for await (const { text, damaged } of readLines(path)) {
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf('\n', at);
      const content = text.slice(at, end < 0 ? text.length : end).trim();
      at = end < 0 ? text.length : end + 1;
      line++;
      if (content === '') continue;
      if (damaged && content.includes('\ufffd')) {
        problems.add(line, null, 'the line is not valid UTF-8; save the file as UTF-8');
        continue;
      }
      const object = parseObject(content);
      if (object === null) problems.add(line, null, 'the line is not one JSON object');
      else if (!row(object, line)) return;
    }
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
