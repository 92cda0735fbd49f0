import type { Step } from './step.ts';

export const oprf: Step = {
  for: ['oprf'],
  async up({ schema }, { bytes }) {
    await schema
      .createTable('oprf_key')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('check', bytes, (column) => column.notNull())
      .addColumn('made_at', 'text', (column) => column.notNull())
      .execute();
  },
};
