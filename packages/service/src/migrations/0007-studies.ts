import type { Step } from './step.ts';

export const studies: Step = {
  for: ['party'],
  async up({ schema }, { integer }) {
    await schema.alterTable('run').addColumn('study', 'text').execute();
    await schema
      .createTable('study_approval')
      .addColumn('agreement', 'text', (column) => column.notNull().references('agreement.hash'))
      .addColumn('study', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('approved_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('study_approval_key', ['agreement', 'study'])
      .execute();
    await schema
      .createTable('study_result')
      .addColumn('run', integer, (column) => column.primaryKey().references('run.id'))
      .addColumn('result', 'text', (column) => column.notNull())
      .execute();
  },
};
