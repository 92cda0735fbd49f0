import type { Person } from '@symbolon/consent';
import type { Database } from '@symbolon/service';

/** The identity by which a patient is named. */
export interface Lead {
  readonly id: number;
  readonly person: Person;
}

/**
 * The patient whose identity has this hash, as the centre knows it: what it has not been told yet of a merge or split, no ticket may say, as it would contradict
 * what is there.
 */
export async function toldLeadOf(database: Database, hash: string): Promise<Lead | undefined> {
  const row = await database
    .selectFrom('identity as lead')
    .select(['lead.id', 'lead.person'])
    .where('lead.id', '=', (query) =>
      query
        .selectFrom('identity')
        .select((one) => one.fn.coalesce('told_into', 'id').as('id'))
        .where('hash', '=', hash),
    )
    .executeTakeFirst();
  return row && { id: row.id, person: JSON.parse(row.person) as Person };
}

/** All identities of a patient, that by which it is named among them. */
export function membersOf(database: Database, lead: number) {
  return database
    .selectFrom('identity')
    .select('id')
    .where((identity) => identity.or([identity('id', '=', lead), identity('merged_into', '=', lead)]));
}

/** {@link membersOf}, as the centre knows them: see {@link toldLeadOf}. */
export function toldMembersOf(database: Database, lead: number) {
  return database
    .selectFrom('identity')
    .select('id')
    .where((identity) => identity.or([identity('id', '=', lead), identity('told_into', '=', lead)]));
}
