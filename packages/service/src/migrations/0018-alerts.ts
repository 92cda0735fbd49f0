import type { Step } from './step.ts';

export const alerts: Step = {
  for: ['party'],
  async up({ schema }, { integer, bytes, numbered }) {
    await schema
      .createTable('alert_event')
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('taken_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('alert_event_once', ['source', 'event'])
      .execute();
    await schema.createIndex('alert_event_by_age').on('alert_event').column('taken_at').execute();
    await schema
      .createTable('alert_told')
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('alert', 'text', (column) => column.notNull())
      .addColumn('class', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('episode', 'text', (column) => column.notNull())
      .addColumn('message', 'text', (column) => column.notNull())
      .addColumn('event_at', 'text', (column) => column.notNull())
      .addColumn('retracted_at', 'text')
      .addPrimaryKeyConstraint('alert_told_once', ['agreement', 'alert', 'class', 'subject', 'episode'])
      .execute();
    await schema
      .createTable('alert_outbox')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('partner', 'text', (column) => column.notNull())
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('alert', 'text', (column) => column.notNull())
      .addColumn('class', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('link', 'text', (column) => column.notNull())
      .addColumn('retracts', 'text')
      .addColumn('document', bytes)
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('tries', integer, (column) => column.notNull())
      .addColumn('due_at', 'text', (column) => column.notNull())
      .addColumn('error', 'text')
      .addColumn('event_at', 'text', (column) => column.notNull())
      .addColumn('taken_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .execute();
    await schema
      .createIndex('alert_outbox_by_state')
      .on('alert_outbox')
      .columns(['state', 'partner', 'due_at', 'id'])
      .execute();
    await schema.createIndex('alert_outbox_by_subject').on('alert_outbox').column('subject').execute();
    await schema
      .createTable('alert_quarantine')
      .addColumn('id', integer, numbered)
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('content', bytes)
      .addColumn('hash', 'text')
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('received_at', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('ended_by', 'text')
      .execute();
    await schema
      .createIndex('alert_quarantine_by_hash')
      .on('alert_quarantine')
      .columns(['state', 'source', 'hash'])
      .execute();
    await schema
      .createTable('alert_file')
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('file', 'text', (column) => column.notNull())
      .addColumn('offset', integer, (column) => column.notNull())
      .addColumn('lines', integer, (column) => column.notNull())
      .addColumn('read_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('alert_file_once', ['source', 'file'])
      .execute();
    await schema
      .createTable('alert_token')
      .addColumn('source', 'text', (column) => column.primaryKey().notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('alert_inbox')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('sender', 'text', (column) => column.notNull())
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('alert', 'text', (column) => column.notNull())
      .addColumn('class', 'text', (column) => column.notNull())
      .addColumn('keys', 'text', (column) => column.notNull())
      .addColumn('event_at', 'text', (column) => column.notNull())
      .addColumn('document', bytes)
      .addColumn('received_at', 'text', (column) => column.notNull())
      .addColumn('escalate_at', 'text')
      .addColumn('escalated_at', 'text')
      .addColumn('acknowledged_at', 'text')
      .addColumn('acknowledged_by', 'text')
      .addColumn('note', 'text')
      .addColumn('retracts', 'text')
      .addColumn('retracted_by', 'text')
      .addColumn('log_epoch', integer, (column) => column.notNull())
      .addColumn('log_index', integer, (column) => column.notNull())
      .addUniqueConstraint('alert_inbox_in_order', ['log_epoch', 'log_index'])
      .execute();
    await schema.createIndex('alert_inbox_to_escalate').on('alert_inbox').column('escalate_at').execute();
    await schema.createIndex('alert_inbox_retractions').on('alert_inbox').column('retracts').execute();
    await schema
      .createTable('alert_hook')
      .addColumn('id', integer, numbered)
      .addColumn('alert', 'text', (column) => column.notNull())
      .addColumn('hook', 'text', (column) => column.notNull())
      .addColumn('occasion', 'text', (column) => column.notNull())
      .addColumn('tries', integer, (column) => column.notNull())
      .addColumn('due_at', 'text', (column) => column.notNull())
      .addColumn('delivered_at', 'text')
      .addColumn('error', 'text')
      .addUniqueConstraint('alert_hook_once', ['alert', 'hook', 'occasion'])
      .execute();
    await schema.createIndex('alert_hook_due').on('alert_hook').columns(['delivered_at', 'hook', 'due_at']).execute();
  },
};
