import type { Step } from './step.ts';

/** Which changes of identities the central server has taken: until then physicians' tickets go by what it knows. */
export const toldChanges: Step = {
  for: ['module'],
  async up(database, { integer }) {
    const { schema } = database;
    await schema.alterTable('identity').addColumn('told_into', integer).execute();
    await schema.createIndex('identity_told').on('identity').column('told_into').execute();
    await database
      .updateTable('identity')
      .set(({ ref }) => ({ told_into: ref('merged_into') }))
      .execute();
    await schema.alterTable('identity_change').addColumn('told_at', 'text').execute();
    await database
      .updateTable('identity_change')
      .set(({ ref }) => ({ told_at: ref('changed_at') }))
      .execute();
    await schema.createIndex('identity_change_told').on('identity_change').column('told_at').execute();
  },
};
