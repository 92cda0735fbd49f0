import type { Step } from './step.ts';

export const agreementLifecycle: Step = {
  for: ['party'],
  async up({ schema }, { integer, bytes }) {
    await schema.alterTable('agreement').addColumn('counters', 'text').execute();
    await schema.alterTable('agreement_signature').addColumn('log_epoch', integer).execute();
    await schema.alterTable('agreement_signature').addColumn('log_index', integer).execute();
    // Without a reference to the agreement: a proposal may be discarded, but not what was said of it.
    await schema
      .createTable('agreement_notice')
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('party', 'text', (column) => column.notNull())
      .addColumn('sequence', integer, (column) => column.notNull())
      .addColumn('document', bytes, (column) => column.notNull())
      .addColumn('person', 'text')
      .addColumn('kept_at', 'text', (column) => column.notNull())
      .addColumn('log_epoch', integer, (column) => column.notNull())
      .addColumn('log_index', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('agreement_notice_key', ['agreement', 'party', 'sequence'])
      .execute();
    await schema
      .createTable('notice_delivery')
      .addColumn('agreement', 'text', (column) => column.notNull())
      .addColumn('sequence', integer, (column) => column.notNull())
      .addColumn('partner', 'text', (column) => column.notNull())
      .addColumn('tries', integer, (column) => column.notNull())
      .addColumn('due_at', 'text', (column) => column.notNull())
      .addColumn('delivered_at', 'text')
      .addColumn('error', 'text')
      .addPrimaryKeyConstraint('notice_delivery_key', ['agreement', 'sequence', 'partner'])
      .execute();
  },
};
