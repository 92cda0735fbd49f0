import type { Step } from './step.ts';

export const subjects: Step = {
  for: ['party'],
  async up({ schema }, { integer, numbered }) {
    await schema
      .createTable('subject_opt_out')
      .addColumn('id', integer, numbered)
      .addColumn('dataset', 'text', (column) => column.notNull())
      .addColumn('key_column', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('from_date', 'text', (column) => column.notNull())
      .addColumn('erased', integer, (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addUniqueConstraint('subject_opt_out_once', ['dataset', 'key_column', 'subject', 'agreement', 'purpose'])
      .execute();
    await schema
      .createTable('legal_hold')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('dataset', 'text', (column) => column.notNull())
      .addColumn('key_column', 'text')
      .addColumn('subject', 'text')
      .addColumn('key', 'text')
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('until', 'text')
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('set_at', 'text', (column) => column.notNull())
      .addColumn('lift_asked_by', 'text')
      .addColumn('lifted_by', 'text')
      .addColumn('lifted_at', 'text')
      .execute();
  },
};
