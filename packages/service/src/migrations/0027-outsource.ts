import type { Step } from './step.ts';

/** Keys, encrypted tables and questions of an organisation that lets another compute on ciphertexts. */
export const outsource: Step = {
  for: ['party'],
  async up({ schema }, { integer, bytes, numbered }) {
    await schema
      .createTable('seal_key')
      .addColumn('id', integer, numbered)
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull().unique())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('why', 'text')
      .addColumn('made_by', 'text', (column) => column.notNull())
      .addColumn('made_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('sealed_table')
      .addColumn('id', integer, numbered)
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('key', integer, (column) => column.notNull())
      .addColumn('table', 'text', (column) => column.notNull().unique())
      .addColumn('described', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('rows', integer)
      .addColumn('left_out', integer)
      .addColumn('digest', 'text')
      .addColumn('manifest', bytes)
      .addColumn('replaces', integer)
      .addColumn('made_by', 'text', (column) => column.notNull())
      .addColumn('made_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('sealed_question')
      .addColumn('id', integer, numbered)
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('asked_by', 'text', (column) => column.notNull())
      .addColumn('asked_at', 'text', (column) => column.notNull())
      .addUniqueConstraint('sealed_question_once', ['agreement', 'hash'])
      .execute();
    await schema
      .createTable('sealed_run')
      .addColumn('id', integer, numbered)
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('question', integer, (column) => column.notNull())
      .addColumn('table', integer, (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('asked', integer)
      .addColumn('purpose', 'text')
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('error', 'text')
      .addColumn('result', 'text')
      .addColumn('statement', bytes)
      .addColumn('started_at', 'text', (column) => column.notNull())
      .addColumn('opened_at', 'text')
      .addColumn('ended_at', 'text')
      .addColumn('log_epoch', integer)
      .addColumn('log_index', integer)
      .execute();
    await schema.alterTable('job').addColumn('sealed', 'text').execute();
  },
};
