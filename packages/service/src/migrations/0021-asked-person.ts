import type { Step } from './step.ts';

/** Who asked a study is not one of the two who approve it. */
export const askedPerson: Step = {
  for: ['party'],
  async up({ schema }) {
    await schema.alterTable('asked_study').addColumn('person', 'text').execute();
  },
};
