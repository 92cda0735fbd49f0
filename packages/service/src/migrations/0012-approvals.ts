import { sql } from 'kysely';
import type { Step } from './step.ts';

export const approvals: Step = {
  for: ['party'],
  async up(database) {
    const { schema } = database;
    await schema
      .createTable('approval')
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('approved_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('approval_key', ['action', 'agreement', 'name', 'by'])
      .execute();
    // Whoever approved before there were users was the owner.
    await sql`
      INSERT INTO approval (action, agreement, name, hash, "by", kind, roles, approved_at)
      SELECT 'study', agreement, study, hash, "by", 'owner', '["data-steward","privacy-officer"]', approved_at FROM study_approval
    `.execute(database);
    await schema.dropTable('study_approval').execute();
  },
};
