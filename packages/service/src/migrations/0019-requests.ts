import { organisationRoles } from '@symbolon/agreement';
import type { Step } from './step.ts';

/** What a request made is known with its key as soon as it is durable. */
export const requests: Step = {
  for: organisationRoles,
  async up({ schema }) {
    await schema.alterTable('answered_request').addColumn('made', 'text').execute();
  },
};
