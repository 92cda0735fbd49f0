import type { Person } from '@symbolon/consent';
import type { Database } from '@symbolon/service';

/** The identity by which a patient is named. */
export interface Lead {
  readonly id: number;
  readonly person: Person;
}

/** The patient whose identity has this hash. */
export async function leadOf(database: Database, hash: string): Promise<Lead | undefined> {
  const row = await database
    .selectFrom('identity as lead')
    .select(['lead.id', 'lead.person'])
    .where('lead.id', '=', (query) =>
      query
        .selectFrom('identity')
        .select((one) => one.fn.coalesce('merged_into', 'id').as('id'))
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
