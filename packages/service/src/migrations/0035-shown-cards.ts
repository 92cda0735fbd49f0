import { sql } from 'kysely';
import type { Step } from './step.ts';

/** Which cards were shown for which visits: W, and other spellings of a patient, are for whoever has seen the patient's card. */
export const shownCards: Step = {
  for: ['module'],
  async up(database) {
    const { schema } = database;
    await schema.alterTable('person_check').addColumn('card', 'text').execute();
    await schema.alterTable('relation').addColumn('shown_at', 'text').execute();
    await schema.alterTable('patient_card').addColumn('wrapped_as', 'bigint').execute();
    // So far what was sealed to any card of a patient was under the key of the identity that had shown one first.
    await sql`update patient_card set wrapped_as = (
      select first.identity from patient_card as first join identity on identity.id = first.identity
      where coalesce(identity.merged_into, identity.id) = (
        select coalesce(own.merged_into, own.id) from identity as own where own.id = patient_card.identity
      )
      order by first.added_at limit 1
    )`.execute(database);
    await database
      .updateTable('relation')
      .set(({ ref }) => ({ shown_at: ref('used_at') }))
      .where('state', '=', 'settled')
      .execute();
  },
};
