import { organisationRoles } from '@symbolon/agreement';
import type { Step } from './step.ts';

export const api: Step = {
  for: organisationRoles,
  async up({ schema }) {
    await schema
      .createTable('answered_request')
      .addColumn('caller', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('request', 'text', (column) => column.notNull())
      .addColumn('answer', 'text')
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('answered_request_key', ['caller', 'key'])
      .execute();
  },
};
