import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './row.ts';

const folder = join(import.meta.dirname, 'registry');

/** A medical registry: each file of `registry/` measures one part of it. */
export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const file of readdirSync(folder).sort()) {
    const part = (await import(join(folder, file))) as { run(): Promise<Row[]> };
    rows.push(...(await part.run()));
  }
  return rows;
}
