import { type Dirent, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file that may become a data set. */
export interface DataFile {
  readonly path: string;
  readonly kind: 'csv' | 'parquet' | 'ndjson';
  readonly bytes: number;
  readonly changedAt: string;
}

const kinds: Readonly<Record<string, DataFile['kind']>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.parquet': 'parquet',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
};
const mostFiles = 1000;
const deepest = 4;

/** Files below some folders whose names say that they hold a table, by path; at most 1,000. A folder that cannot be read has none. */
export function dataFiles(folders: readonly string[]): DataFile[] {
  const found: DataFile[] = [];
  for (const folder of folders) collect(folder, deepest, found);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function collect(folder: string, depth: number, found: DataFile[]): void {
  for (const entry of entriesOf(folder)) {
    if (found.length >= mostFiles) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 1) collect(path, depth - 1, found);
    const kind = kinds[extname(entry.name).toLowerCase()];
    if (kind === undefined || !entry.isFile()) continue;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) found.push({ path, kind, bytes: stat.size, changedAt: stat.mtime.toISOString() });
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
