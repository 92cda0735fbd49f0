import type { Step } from './step.ts';

export const askedStudies: Step = {
  for: ['party'],
  async up({ schema }) {
    await schema
      .createTable('asked_study')
      .addColumn('agreement', 'text', (column) => column.notNull().references('agreement.hash'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('template', 'text')
      .addColumn('asked', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('asked_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('asked_study_key', ['agreement', 'name'])
      .execute();
  },
};
