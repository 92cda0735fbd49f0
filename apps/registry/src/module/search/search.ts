import type { Person } from '@symbolon/consent';
import type { Database } from '@symbolon/service';
import { comparableOf, type PersonField } from '../identities/person.ts';
import { searchKeys } from './keys.ts';
import { type Likeness, likeness } from './likeness.ts';

/** An identity that is like a person who was looked for. */
export interface Found extends Likeness {
  readonly identity: number;
  /** The identity by which the patient is named. */
  readonly patient: number;
  readonly person: Person;
}

/** People less alike than this are different ones, as far as a search can tell. */
export const leastAlike = 800;

// More share a key only where a value stands for none, as 1900-01-01 does: then it finds some of them, and the other keys find whom they find.
const mostOfKey = 1000;
// Hashes are not negative.
const noKey = -1;

/** What a search asks. */
interface Registered {
  readonly database: Database;
  readonly fields: readonly PersonField[];
}

/**
 * Identities that are like a person, the likest first. Runs at: the module. Its answer and its time depend on who is registered: it is nothing for
 * physicians.
 */
export async function findAlike(
  { database, fields }: Registered,
  person: Person,
  { limit = 100, least = leastAlike }: { limit?: number; least?: number } = {},
): Promise<Found[]> {
  const keys = searchKeys(fields, comparableOf(fields, person));
  const rows = await database
    .selectFrom('identity')
    .select(['id', 'person', 'merged_into'])
    .where('id', 'in', withKeys(database, keys))
    .execute();
  return likest(fields, person, rows, least)
    .slice(0, limit)
    .map(({ id, merged_into, ...found }) => ({ ...found, identity: id, patient: merged_into ?? id }));
}

/** A physician's own patients who are like a person, by what this physician has typed of them; nothing of what others have. */
export async function findOwn(
  { database, fields }: Registered,
  physician: string,
  person: Person,
): Promise<{ readonly relation: string; readonly person: Person }[]> {
  const keys = searchKeys(fields, comparableOf(fields, person), physician);
  const rows = await database
    .selectFrom('relation')
    .select(['id', 'person'])
    .where('physician', '=', physician)
    .where('identity', 'in', withKeys(database, keys))
    .execute();
  return likest(fields, person, rows, leastAlike).map(({ id, person: known }) => ({ relation: id, person: known }));
}

function likest<Row extends { readonly id: string | number; readonly person: string }>(
  fields: readonly PersonField[],
  person: Person,
  rows: readonly Row[],
  least: number,
) {
  const sought = comparableOf(fields, person);
  return rows
    .map((row) => {
      const known = JSON.parse(row.person) as Person;
      return { ...row, person: known, ...likeness(fields, sought, comparableOf(fields, known)) };
    })
    .filter(({ score }) => score >= least)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

/** Identities that have one of these keys. */
function withKeys(database: Database, keys: readonly number[]) {
  return [...keys, noKey].map((key) => withKey(database, key)).reduce((all, one) => all.unionAll(one));
}

function withKey(database: Database, key: number) {
  const some = database.selectFrom('identity_key').select('identity').where('key', '=', key).limit(mostOfKey);
  return database.selectFrom(some.as('some')).select('identity');
}
