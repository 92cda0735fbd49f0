import type { Step } from './step.ts';

/** The runs that a server was asked for outlive it. */
export const jobs: Step = {
  for: ['party'],
  async up({ schema }, { integer }) {
    await schema
      .createTable('job')
      .addColumn('id', integer, (column) => column.primaryKey().notNull())
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('study', 'text')
      .addColumn('initiator', 'text', (column) => column.notNull())
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .addColumn('run', integer)
      .addColumn('error', 'text')
      .execute();
  },
};
