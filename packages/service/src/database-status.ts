import { lstatSync } from 'node:fs';
import { placeOf } from './database-place.ts';
import type { Home } from './home.ts';
import { postgresStatus } from './postgres/status.ts';

/** Which database a home has. */
export interface DatabaseStatus {
  /** Product, version and place. */
  readonly words: string;
  /** Bytes on this disk; 0 where it is elsewhere, or was never used. */
  readonly bytes: number;
}

/** Looks at the database of a home and changes nothing. Throws what `openDatabase` would, but for a server that uses it. */
export async function databaseStatus(home: Home): Promise<DatabaseStatus> {
  const place = placeOf(home, process.env);
  if (place.kind === 'postgresql') return { words: await postgresStatus(place), bytes: 0 };
  const bytes = lstatSync(place.file, { throwIfNoEntry: false })?.size ?? 0;
  return { words: `embedded: SQLite ${process.versions.sqlite}, ${place.file}`, bytes };
}
