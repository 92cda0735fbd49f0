import type { Step } from './step.ts';

export const partyEpochs: Step = {
  for: ['party'],
  async up(database, { integer }) {
    await database.schema
      .alterTable('agreement')
      .addColumn('exhausted', integer, (column) => column.notNull().defaultTo(0))
      .execute();
    await database.schema.alterTable('run').addColumn('log_epoch', integer).execute();
    await database.updateTable('run').set({ log_epoch: 1 }).where('log_index', 'is not', null).execute();
  },
};
