import type { Step } from './step.ts';

export const party: Step = {
  for: ['party'],
  async up({ schema }, { integer, bytes, numbered }) {
    await schema
      .createTable('burned_session')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('attempt', 'text', (column) => column.notNull())
      .addColumn('burned_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('agreement')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('predecessor', 'text')
      .addColumn('document', bytes, (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('agreement_signature')
      .addColumn('agreement', 'text', (column) => column.notNull().references('agreement.hash'))
      .addColumn('party', 'text', (column) => column.notNull())
      .addColumn('signed_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('agreement_signature_key', ['agreement', 'party'])
      .execute();
    await schema
      .createTable('dataset')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('columns', 'text', (column) => column.notNull())
      .addColumn('rows', integer, (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('run')
      .addColumn('id', integer, numbered)
      .addColumn('agreement', 'text', (column) => column.notNull().references('agreement.hash'))
      .addColumn('attempt', 'text', (column) => column.notNull().unique())
      .addColumn('session', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('error', 'text')
      .addColumn('statement', bytes)
      .addColumn('started_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('opened_at', 'text')
      .addColumn('log_index', integer)
      .addColumn('details', 'text')
      .execute();
    await schema
      .createTable('run_match')
      .addColumn('run', integer, (column) => column.notNull().references('run.id'))
      .addColumn('own_row', integer, (column) => column.notNull())
      .addColumn('row_a', integer, (column) => column.notNull())
      .addColumn('row_b', integer, (column) => column.notNull())
      .addColumn('own_key', 'text')
      .addPrimaryKeyConstraint('run_match_key', ['run', 'own_row', 'row_a', 'row_b'])
      .execute();
  },
};
