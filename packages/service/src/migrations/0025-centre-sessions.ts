import type { Step } from './step.ts';

export const centreSessions: Step = {
  for: ['centre'],
  async up({ schema }, { integer, bytes, numbered }) {
    await schema
      .createTable('centre_key')
      .addColumn('number', integer, (column) => column.primaryKey().notNull())
      .addColumn('made_at', 'text', (column) => column.notNull())
      .addColumn('until_at', 'text')
      .execute();
    await schema
      .createTable('centre_patient')
      .addColumn('id', integer, numbered)
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('mark', 'text', (column) => column.notNull().unique())
      .addColumn('merged_into', integer)
      .addColumn('enrolled_at', 'text')
      .addColumn('objected_at', 'text')
      .addColumn('added_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('centre_pseudonym')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('pseudonym', 'text', (column) => column.notNull())
      .addColumn('patient', integer, (column) => column.notNull())
      .addColumn('replaced', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('centre_pseudonym_once', ['module', 'pseudonym'])
      .execute();
    await schema.createIndex('centre_pseudonym_by_patient').on('centre_pseudonym').column('patient').execute();
    await schema
      .createTable('centre_relation')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('patient', integer, (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('writes', integer, (column) => column.notNull())
      .addColumn('draft', integer, (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('centre_relation_once', ['module', 'id'])
      .execute();
    await schema.createIndex('centre_relation_by_patient').on('centre_relation').column('patient').execute();
    await schema
      .createTable('centre_session')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addColumn('certificate', 'text', (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('pseudonym', 'text', (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('key', integer, (column) => column.notNull())
      .addColumn('nonce', bytes, (column) => column.notNull())
      .addColumn('envelopes', bytes)
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('opened_at', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'text', (column) => column.notNull())
      .addColumn('answer', 'text')
      .addColumn('outcome', 'text')
      .addColumn('ended_at', 'text')
      .execute();
    await schema.createIndex('centre_session_by_state').on('centre_session').columns(['state', 'expires_at']).execute();
    await schema.createIndex('centre_session_by_age').on('centre_session').column('ended_at').execute();
    await schema
      .createIndex('centre_session_by_relation')
      .on('centre_session')
      .columns(['module', 'relation', 'state'])
      .execute();
    await schema
      .createIndex('centre_session_by_pseudonym')
      .on('centre_session')
      .columns(['module', 'pseudonym'])
      .execute();
    await schema
      .createTable('centre_ticket')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('nonce', 'text', (column) => column.notNull())
      .addColumn('session', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('centre_ticket_once', ['module', 'nonce'])
      .execute();
    await schema.createIndex('centre_ticket_by_age').on('centre_ticket').column('expires_at').execute();
    await schema
      .createTable('centre_pair')
      .addColumn('id', integer, numbered)
      .addColumn('patient', integer, (column) => column.notNull())
      .addColumn('slot', integer, (column) => column.notNull())
      .addColumn('fingerprint', bytes, (column) => column.notNull())
      .addColumn('envelope', bytes)
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addColumn('session', 'text', (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .execute();
    await schema.createIndex('centre_pair_by_patient').on('centre_pair').columns(['patient', 'state']).execute();
    await schema.createIndex('centre_pair_by_session').on('centre_pair').column('session').execute();
    await schema
      .createTable('centre_offer')
      .addColumn('session', 'text', (column) => column.notNull())
      .addColumn('slot', integer, (column) => column.notNull())
      .addColumn('pair', integer)
      .addColumn('independent', integer, (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('centre_offer_once', ['session', 'slot'])
      .execute();
    await schema.createIndex('centre_offer_by_pair').on('centre_offer').column('pair').execute();
    await schema
      .createTable('centre_consent')
      .addColumn('session', 'text', (column) => column.primaryKey().notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('patient', integer, (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('groups', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('certificate', 'text', (column) => column.notNull())
      .addColumn('transcript', bytes, (column) => column.notNull())
      .addColumn('exporter', bytes, (column) => column.notNull())
      .addColumn('signature', bytes, (column) => column.notNull())
      .addColumn('answered_at', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('centre_consent_by_patient').on('centre_consent').column('patient').execute();
    await schema
      .createTable('centre_grant')
      .addColumn('id', integer, numbered)
      .addColumn('session', 'text', (column) => column.notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('patient', integer, (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('independent', integer, (column) => column.notNull())
      .addColumn('groups', 'text', (column) => column.notNull())
      .addColumn('granted_at', 'text', (column) => column.notNull())
      .addColumn('until_at', 'text', (column) => column.notNull())
      .addColumn('closed_at', 'text')
      .execute();
    await schema.createIndex('centre_grant_by_relation').on('centre_grant').columns(['module', 'relation']).execute();
    await schema.createIndex('centre_grant_by_patient').on('centre_grant').column('patient').execute();
    await schema
      .createTable('centre_replacement')
      .addColumn('session', 'text', (column) => column.primaryKey().notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('patient', integer, (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('asked_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('ended_by', 'text')
      .execute();
    await schema
      .createIndex('centre_replacement_by_patient')
      .on('centre_replacement')
      .columns(['patient', 'state'])
      .execute();
    await schema
      .createTable('centre_review')
      .addColumn('session', 'text', (column) => column.primaryKey().notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('patient', integer, (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('due_at', 'text', (column) => column.notNull())
      .addColumn('alarmed_at', 'text')
      .addColumn('reviewed_at', 'text')
      .addColumn('reviewed_by', 'text')
      .addColumn('finding', 'text')
      .addColumn('note', 'text')
      .execute();
    await schema.createIndex('centre_review_due').on('centre_review').columns(['reviewed_at', 'due_at']).execute();
    await schema.createIndex('centre_review_by_patient').on('centre_review').column('patient').execute();
    await schema
      .createTable('centre_installation')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('centre_installation_once', ['module', 'installation'])
      .execute();
    await schema
      .createTable('centre_notice')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('taken_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('centre_notice_once', ['module', 'id'])
      .execute();
  },
};
