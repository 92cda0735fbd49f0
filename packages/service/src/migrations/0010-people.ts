import { organisationRoles } from '@symbolon/agreement';
import type { Step } from './step.ts';

export const people: Step = {
  for: organisationRoles,
  async up({ schema }, { integer, bytes }) {
    await schema
      .createTable('account')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('password', 'text')
      .addColumn('issuer', 'text')
      .addColumn('subject', 'text')
      .addColumn('disabled', integer, (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addUniqueConstraint('account_subject', ['issuer', 'subject'])
      .execute();
    await schema
      .createTable('account_role')
      .addColumn('account', 'text', (column) => column.notNull().references('account.id'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('account_role_key', ['account', 'role'])
      .execute();
    await schema
      .createTable('setup_code')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('account', 'text', (column) => column.notNull().unique().references('account.id'))
      .addColumn('expires_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('account_session')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('account', 'text', (column) => column.notNull().references('account.id'))
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('method', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('used_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('account_device')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('account', 'text', (column) => column.notNull().references('account.id'))
      .addColumn('used_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('passkey')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('account', 'text', (column) => column.notNull().references('account.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('public_key', bytes, (column) => column.notNull())
      .addColumn('counter', integer, (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('used_at', 'text')
      .execute();
    for (const table of ['account_session', 'account_device', 'passkey'] as const) {
      await schema.createIndex(`${table}_account`).on(table).column('account').execute();
    }
  },
};
