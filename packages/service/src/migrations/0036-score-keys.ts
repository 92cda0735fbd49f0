import type { Step } from './step.ts';

/** Keys of tables from which scores are computed. Those before are of exact tables. */
export const scoreKeys: Step = {
  for: ['party'],
  async up({ schema }) {
    await schema
      .alterTable('seal_key')
      .addColumn('kind', 'text', (column) => column.notNull().defaultTo('exact'))
      .execute();
  },
};
