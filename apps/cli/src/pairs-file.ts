import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fault } from '@symbolon/crypto';
import type { ExamplePair, ExampleRecord } from '@symbolon/party';
import { openDuckDb } from '@symbolon/service';
import { UsageError } from './ui.ts';

/** Pairs of records: CSV with columns a.NAME and b.NAME, or NDJSON with {"a": {…}, "b": {…}} on each line. Throws `data-malformed`. */
export async function readPairs(file: string): Promise<ExamplePair[]> {
  const pairs = ['.ndjson', '.jsonl'].includes(extname(file)) ? readNdjson(file) : await readCsv(file);
  if (pairs.length === 0) throw new UsageError(`${file} has no pairs`);
  return pairs;
}

function readNdjson(file: string): ExamplePair[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      const { a, b } = JSON.parse(line) as Partial<ExamplePair>;
      if (typeof a === 'object' && typeof b === 'object') return [{ a: texts(a), b: texts(b) }];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw fault('data-malformed', `${file}, line ${i + 1}: it is not {"a": {…}, "b": {…}}`, { culprit: file });
  });
}

async function readCsv(file: string): Promise<ExamplePair[]> {
  // So that a missing file is told apart from one that is no CSV.
  readFileSync(file);
  const duck = await openDuckDb({ threads: 1 });
  try {
    const rows = await duck.query('SELECT * FROM read_csv($1, header = true, all_varchar = true)', [file]);
    return rows.map((row) => ({ a: side(row, 'a'), b: side(row, 'b') }));
  } catch (cause) {
    throw fault('data-malformed', `${file} cannot be read as CSV`, { culprit: file, cause });
  } finally {
    duck.close();
  }
}

function side(row: Record<string, unknown>, name: 'a' | 'b'): ExampleRecord {
  const mine = Object.entries(row).filter(([column]) => column.trim().startsWith(`${name}.`));
  return texts(Object.fromEntries(mine.map(([column, value]) => [column.trim().slice(2), value])));
}

function texts(record: Record<string, unknown>): ExampleRecord {
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value).trim());
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, text(value)]));
}
