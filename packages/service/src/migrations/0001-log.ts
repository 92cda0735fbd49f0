import { organisationRoles } from '@symbolon/agreement';
import type { Step } from './step.ts';

export const log: Step = {
  for: organisationRoles,
  async up({ schema }, { integer, bytes }) {
    await schema
      .createTable('log_entry')
      .addColumn('index', integer, (column) => column.primaryKey())
      .addColumn('entry', bytes, (column) => column.notNull())
      .addColumn('event', bytes)
      .addColumn('salt', bytes)
      .execute();
    await schema
      .createTable('checkpoint')
      .addColumn('origin', 'text', (column) => column.primaryKey())
      .addColumn('size', integer, (column) => column.notNull())
      .addColumn('note', 'text', (column) => column.notNull())
      .execute();
  },
};
