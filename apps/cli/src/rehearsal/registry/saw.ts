import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, openHome } from '@symbolon/service';
import { type Found, TraceSearch } from '@symbolon/testkit';
import { type Cast, findings, identityTexts } from './cast.ts';

/** What of the story is kept by one role: how many different traces were found in its folder and database. */
export interface Saw {
  /** Names, dates of birth, insurance numbers of patients. */
  readonly identities: number;
  /** Keys, certificates and signatures of patients' cards. */
  readonly cards: number;
  /** Contents of records. */
  readonly records: number;
}

/** Every byte that is kept in a folder: its files, and its database row by row, as pages of a file tear values apart. */
export async function keptIn(path: string): Promise<Buffer[]> {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file));
  const home = openHome(path);
  if (home.config.role === 'workstation') return files;
  const database = await openDatabase(home);
  try {
    for (const { name } of await database.introspection.getTables()) {
      const rows = await database
        .selectFrom(name as 'physician')
        .selectAll()
        .execute();
      files.push(...rows.map((row) => Buffer.concat(Object.values(row).map(bytesOf))));
    }
  } finally {
    await database.destroy();
  }
  return files;
}

function bytesOf(value: unknown): Buffer {
  return Buffer.concat([value instanceof Uint8Array ? value : Buffer.from(String(value)), Buffer.from('\n')]);
}

/** Searches what roles keep. */
export class Searches {
  readonly #identities = new TraceSearch([], identityTexts);
  readonly #cards: TraceSearch;
  readonly #records = new TraceSearch(
    [],
    Object.entries(findings).map(([what, text]) => ({ what, text })),
  );

  constructor(cast: Cast) {
    this.#cards = new TraceSearch(cast.cardTraces());
  }

  saw(kept: readonly Buffer[]): Saw {
    return {
      identities: countOf(this.#identities, kept),
      cards: countOf(this.#cards, kept),
      records: countOf(this.#records, kept),
    };
  }

  /** What tells a patient, by name: for messages, and tests. */
  found(kept: readonly Buffer[]): Found[] {
    return kept.flatMap((bytes) => [...this.#identities.find(bytes), ...this.#cards.find(bytes)]);
  }
}

function countOf(search: TraceSearch, kept: readonly Buffer[]): number {
  return new Set(kept.flatMap((bytes) => search.find(bytes)).map(({ what }) => what)).size;
}
