import type { Step } from './step.ts';

/** What module and centre have in common: physicians, their logins, and notices to each other. */
export const physicians: Step = {
  for: ['module', 'centre'],
  async up({ schema }, { integer, bytes, numbered }) {
    await schema
      .createTable('physician')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('physician_once', ['module', 'id'])
      .execute();
    await schema
      .createTable('physician_certificate')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('thumbprint', 'text', (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('certificate', bytes)
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('physician_certificate_once', ['module', 'thumbprint'])
      .execute();
    await schema
      .createIndex('physician_certificate_of')
      .on('physician_certificate')
      .columns(['module', 'physician'])
      .execute();
    await schema
      .createTable('physician_login')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addColumn('nonce', bytes, (column) => column.notNull())
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('physician_login_begun').on('physician_login').column('begun_at').execute();
    await schema
      .createTable('physician_session')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addColumn('thumbprint', 'text', (column) => column.notNull())
      .addColumn('certificate', bytes, (column) => column.notNull())
      .addColumn('opened_at', 'text', (column) => column.notNull())
      .addColumn('used_at', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('physician_session_opened').on('physician_session').column('opened_at').execute();
    await schema
      .createTable('registry_notice')
      .addColumn('id', integer, numbered)
      .addColumn('to', 'text', (column) => column.notNull())
      .addColumn('subject', 'text')
      .addColumn('document', bytes)
      .addColumn('made_at', 'text', (column) => column.notNull())
      .addColumn('tries', integer, (column) => column.notNull())
      .addColumn('error', 'text')
      .addColumn('taken_at', 'text')
      .addUniqueConstraint('registry_notice_once', ['to', 'subject'])
      .execute();
    await schema.createIndex('registry_notice_waiting').on('registry_notice').columns(['taken_at', 'to']).execute();
  },
};
