import type { Step } from './step.ts';

export const compute: Step = {
  for: ['compute'],
  async up({ schema }, { integer, bytes, numbered }) {
    await schema
      .createTable('encrypted_table')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('manifest', bytes, (column) => column.notNull())
      .addColumn('evaluation', bytes)
      .addColumn('received', integer, (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('encrypted_table_once', ['owner', 'id'])
      .execute();
    await schema
      .createTable('encrypted_record')
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('column', integer, (column) => column.notNull())
      .addColumn('chunk', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('encrypted_record_once', ['owner', 'id', 'column', 'chunk'])
      .execute();
    await schema
      .createTable('compute_job')
      .addColumn('id', integer, numbered)
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('table', 'text', (column) => column.notNull())
      .addColumn('circuit', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('error', 'text')
      .addColumn('parts', 'text')
      .addColumn('results', bytes)
      .addColumn('asked_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .execute();
  },
};
