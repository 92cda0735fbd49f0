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

/**
 * Identities that are like a person, the likest first. Runs at: the module. Its time depends on how many there are: it is nothing for answers to those
 * who may not know who is registered, unless `scope` is of what they may know.
 */
export async function findAlike(
  { database, fields }: { readonly database: Database; readonly fields: readonly PersonField[] },
  person: Person,
  { scope, limit = 100, least = leastAlike }: { scope?: string; limit?: number; least?: number } = {},
): Promise<Found[]> {
  const sought = comparableOf(fields, person);
  const keys = searchKeys(fields, sought, scope);
  if (keys.length === 0) return [];
  const rows = await database
    .selectFrom('identity')
    .select(['id', 'person', 'merged_into'])
    .where(
      'id',
      'in',
      keys.map((key) => withKey(database, key)).reduce((all, one) => all.unionAll(one)),
    )
    .execute();
  return rows
    .map(({ id, person: text, merged_into }) => {
      const known = JSON.parse(text) as Person;
      return {
        identity: id,
        patient: merged_into ?? id,
        person: known,
        ...likeness(fields, sought, comparableOf(fields, known)),
      };
    })
    .filter(({ score }) => score >= least)
    .sort((a, b) => b.score - a.score || a.identity - b.identity)
    .slice(0, limit);
}

function withKey(database: Database, key: number) {
  const some = database.selectFrom('identity_key').select('identity').where('key', '=', key).limit(mostOfKey);
  return database.selectFrom(some.as('some')).select('identity');
}
