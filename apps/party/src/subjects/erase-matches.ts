import { coversLink } from '@symbolon/agreement';
import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';
import type { PartyContext } from '../context.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { erasePairs } from '../link/matches.ts';
import type { RunDetails } from '../link/runs.ts';
import { sideOf } from './concerned.ts';
import type { Identifiers } from './identifiers.ts';
import type { People } from './opt-outs.ts';

/** What became of the matches of people who were erased. */
export interface ErasedMatches {
  readonly matches: number;
  /** Runs that keep the number of a record alone, of a source that has changed since: nobody can tell which are theirs. */
  readonly unknown: readonly number[];
}

/** How the pairs of a run are told apart: by the value of the key, else by the number of the record. */
type Means = 'key' | 'record';

/** What is known of people and of their data set before anything is erased. */
export interface Erasure {
  readonly people: People;
  readonly identifiers: Identifiers;
  /** Their records as the source has them now, and its `fingerprint`; undefined where it cannot be read. */
  readonly source: { readonly records: ReadonlySet<number>; readonly fingerprint: string } | undefined;
  /** By agreement, how pairs of its links are told apart. */
  readonly links: ReadonlyMap<string, Means>;
}

/** The agreements that link a data set, by what its pairs are known by. */
export async function linksOf(
  { agreements, home }: PartyContext,
  { dataset, column }: Pick<People, 'dataset' | 'column'>,
): Promise<Map<string, Means>> {
  const links = new Map<string, Means>();
  for (const { hash, agreement } of await agreements.list()) {
    if (!coversLink(agreement)) continue;
    const side = sideOf(agreement, home.card.id, dataset);
    if (side !== undefined) links.set(hash, agreement.tables[side].key === column ? 'key' : 'record');
  }
  return links;
}

/** `fingerprint` of a data set, undefined where it cannot be read. */
export async function fingerprintOf({ datasets }: PartyContext, dataset: string): Promise<string> {
  return fingerprint(await datasets.source(dataset));
}

/** Erases the own side of all matches of these people. */
export async function eraseMatches(
  transaction: Transaction<DatabaseSchema>,
  { people, identifiers, source, links }: Erasure,
): Promise<ErasedMatches> {
  const subjects = new Set(people.subjects);
  const isTheirs: Readonly<Record<Means, (row: number, key: string | null) => boolean>> = {
    key: (_, key) => subjects.has(identifiers.hash(key) ?? ''),
    record: (row) => source!.records.has(row),
  };
  const unknown: number[] = [];
  let matches = 0;
  for (const { id, agreement, details } of await doneLinks(transaction, [...links.keys()])) {
    const means = links.get(agreement)!;
    if (means === 'record' && (source === undefined || details.data !== source.fingerprint)) {
      if (details.matches !== 0 && (await hasPages(transaction, id))) unknown.push(id);
    } else matches += await eraseRun(transaction, id, isTheirs[means]);
  }
  return { matches, unknown };
}

async function doneLinks(transaction: Transaction<DatabaseSchema>, agreements: readonly string[]) {
  if (agreements.length === 0) return [];
  const rows = await transaction
    .selectFrom('run')
    .select(['id', 'agreement', 'details'])
    .where('agreement', 'in', agreements)
    .where('study', 'is', null)
    .where('state', '=', 'done')
    .orderBy('id')
    .execute();
  return rows.map(({ id, agreement, details }) => ({ id, agreement, details: JSON.parse(details!) as RunDetails }));
}

async function hasPages(transaction: Transaction<DatabaseSchema>, run: number): Promise<boolean> {
  const page = await transaction
    .selectFrom('match_page')
    .select('page')
    .where('run', '=', run)
    .limit(1)
    .executeTakeFirst();
  return page !== undefined;
}

async function eraseRun(
  transaction: Transaction<DatabaseSchema>,
  run: number,
  isTheirs: (row: number, key: string | null) => boolean,
): Promise<number> {
  let erased = 0;
  for (let page = 0; ; page++) {
    const kept = await transaction
      .selectFrom('match_page')
      .select('matches')
      .where('run', '=', run)
      .where('page', '=', page)
      .executeTakeFirst();
    if (kept === undefined) return erased;
    const without = erasePairs(kept.matches, isTheirs);
    if (without === undefined) continue;
    erased += without.erased;
    await transaction
      .updateTable('match_page')
      .set({ matches: without.text })
      .where('run', '=', run)
      .where('page', '=', page)
      .execute();
  }
}
