import type { Step } from './step.ts';

/** Notices that wait for no others than those that they must not overtake. */
export const noticeLanes: Step = {
  for: ['module', 'centre'],
  async up({ schema }, { integer }) {
    await schema
      .alterTable('registry_notice')
      .addColumn('urgent', integer, (column) => column.notNull().defaultTo(0))
      .execute();
    await schema
      .alterTable('registry_notice')
      .addColumn('concerns', 'text', (column) => column.notNull().defaultTo('["all"]'))
      .execute();
  },
};
