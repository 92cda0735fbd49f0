import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';
import { readPairs } from '../link/matches.ts';
import type { Erasure } from './erase-matches.ts';

/** Alerts of one look. */
const atOnce = 1000;

/**
 * Erases the alerts about these people, and what waits to be told of them; of an alert about others too, they are taken out. Call it before their matches are
 * erased, which say who is who. @returns how many alerts are gone
 */
export async function eraseAlerts(transaction: Transaction<DatabaseSchema>, erasure: Erasure): Promise<number> {
  let erased = 0;
  for (const agreement of erasure.links.keys()) {
    const first = await page(transaction, agreement, '');
    if (first.length === 0) continue;
    const isTheirs = await nameOf(transaction, agreement, erasure);
    for (let alerts = first; alerts.length > 0; alerts = await page(transaction, agreement, alerts.at(-1)!.id)) {
      for (const { id, keys } of alerts) {
        const names = JSON.parse(keys) as string[];
        const left = names.filter((name) => !isTheirs(name));
        if (left.length === names.length) continue;
        if (left.length > 0) await keepOthers(transaction, id, left);
        else await erase(transaction, id);
        erased++;
      }
    }
  }
  return erased;
}

function page(transaction: Transaction<DatabaseSchema>, agreement: string, after: string) {
  return transaction
    .selectFrom('alert_inbox')
    .select(['id', 'keys'])
    .where('agreement', '=', agreement)
    .where('id', '>', after)
    .orderBy('id')
    .limit(atOnce)
    .execute();
}

async function keepOthers(transaction: Transaction<DatabaseSchema>, id: string, keys: string[]): Promise<void> {
  await transaction
    .updateTable('alert_inbox')
    .set({ keys: JSON.stringify(keys) })
    .where('id', '=', id)
    .execute();
}

async function erase(transaction: Transaction<DatabaseSchema>, id: string): Promise<void> {
  await transaction.deleteFrom('alert_hook').where('alert', '=', id).execute();
  await transaction.deleteFrom('alert_inbox').where('id', '=', id).execute();
}

/** Whether a name in an alert of an agreement is one of theirs. */
async function nameOf(
  transaction: Transaction<DatabaseSchema>,
  agreement: string,
  { people, identifiers, source, links }: Erasure,
): Promise<(name: string) => boolean> {
  if (links.get(agreement) === 'key') {
    const subjects = new Set(people.subjects);
    return (name) => subjects.has(identifiers.hash(name) ?? '');
  }
  if (source === undefined) return () => false;
  const names = new Set([...source.records].map((record) => `record ${record + 1}`));
  const pages = await transaction
    .selectFrom('match_page')
    .innerJoin('run', 'run.id', 'match_page.run')
    .select(['match_page.run', 'match_page.page'])
    .where('run.agreement', '=', agreement)
    .execute();
  for (const { run, page: number } of pages) {
    const { matches } = await transaction
      .selectFrom('match_page')
      .select('matches')
      .where('run', '=', run)
      .where('page', '=', number)
      .executeTakeFirstOrThrow();
    for (const { row, key } of readPairs(matches, 'a')) {
      if (row !== null && key !== null && source.records.has(row)) names.add(key);
    }
  }
  return (name) => names.has(name);
}
