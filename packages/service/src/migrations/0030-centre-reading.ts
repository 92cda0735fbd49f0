import type { Step } from './step.ts';

/** What is looked for when physicians' reading is looked through. */
export const centreReading: Step = {
  for: ['centre'],
  async up({ schema }) {
    await schema.createIndex('record_access_by_time').on('record_access').columns(['module', 'at']).execute();
    await schema.createIndex('centre_grant_by_end').on('centre_grant').column('until_at').execute();
    await schema.createIndex('centre_grant_by_closing').on('centre_grant').column('closed_at').execute();
  },
};
