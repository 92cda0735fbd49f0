import type { Step } from './step.ts';

export const keyservice: Step = {
  for: ['keyservice'],
  async up({ schema }) {
    await schema
      .createTable('issued_session')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('program', 'text', (column) => column.notNull())
      .addColumn('attempt', 'text', (column) => column.notNull().unique())
      .addColumn('parties', 'text', (column) => column.notNull())
      .addColumn('issued_at', 'text', (column) => column.notNull())
      .addColumn('data_hash', 'text')
      .addColumn('released_at', 'text')
      .execute();
  },
};
