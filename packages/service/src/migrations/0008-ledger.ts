import { organisationRoles } from '@symbolon/agreement';
import type { Step } from './step.ts';

export const ledger: Step = {
  for: organisationRoles,
  async up({ schema }, { integer }) {
    await schema
      .createTable('cosignature')
      .addColumn('origin', 'text', (column) => column.notNull())
      .addColumn('size', integer, (column) => column.notNull())
      .addColumn('witness', 'text', (column) => column.notNull())
      .addColumn('note', 'text', (column) => column.notNull())
      .addColumn('cosigned_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('cosignature_key', ['origin', 'size', 'witness'])
      .execute();
    await schema
      .createTable('checkpoint_claim')
      .addColumn('origin', 'text', (column) => column.notNull())
      .addColumn('size', integer, (column) => column.notNull())
      .addColumn('root', 'text', (column) => column.notNull())
      .addColumn('note', 'text', (column) => column.notNull())
      .addColumn('held_by', 'text', (column) => column.notNull())
      .addColumn('received_at', 'text', (column) => column.notNull())
      .addColumn('forked', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('checkpoint_claim_key', ['origin', 'size', 'root'])
      .execute();
  },
};
