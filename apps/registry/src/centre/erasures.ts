import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '@symbolon/service';

const markPattern = /^[A-Za-z0-9_-]{22}$/;

/** The list of patients who were erased: beside the database, so that it is not put back with it. One mark a line. */
const fileOf = ({ path }: Pick<Home, 'path'>): string => join(path, 'erased.list');

/** Writes marks durably, before the transaction that erases is. The same mark twice does no harm. */
export function noteErasure(home: Pick<Home, 'path'>, marks: readonly string[]): void {
  const file = openSync(fileOf(home), 'a', 0o600);
  try {
    // A line that was cut short by a crash ends here.
    writeSync(file, `\n${marks.join('\n')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Marks of all who were ever erased, or whose erasure was begun. */
export function erasedMarks(home: Pick<Home, 'path'>): ReadonlySet<string> {
  if (!existsSync(fileOf(home))) return new Set();
  const lines = readFileSync(fileOf(home), 'utf8').split('\n');
  return new Set(lines.filter((line) => markPattern.test(line)));
}
