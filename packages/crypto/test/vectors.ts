import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of standard vectors, `vectors/<name>.json`. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors', `${name}.json`), 'utf8')) as T;
}

/** Runs of a property: few by default, many with SLOW=1. */
export const runs = (quick: number) => ({ numRuns: process.env.SLOW === '1' ? quick * 50 : quick });
