import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'symbolon-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** Writes a file that is gone after the tests. */
export function file(content: string | Uint8Array, ending = 'csv'): string {
  const path = join(folder, `table-${++files}.${ending}`);
  writeFileSync(path, content);
  return path;
}

export const csv = (content: string | Uint8Array) => ({ kind: 'csv' as const, path: file(content) });

/** Path of a public data file, or undefined after a line that says what is missing. */
export function publicData(name: string): string | undefined {
  const path = join(import.meta.dirname, '../../../../../shared/data', name);
  if (existsSync(path)) return path;
  console.log(`skipped: ../shared/data/${name} is not here (see SOURCES.md there for where to get it)`);
  return undefined;
}
