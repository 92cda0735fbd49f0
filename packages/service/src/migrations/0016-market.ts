import type { Step } from './step.ts';

export const market: Step = {
  for: ['party'],
  async up({ schema }, { bytes }) {
    await schema
      .createTable('market_offer')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('document', bytes, (column) => column.notNull())
      .addColumn('published_at', 'text', (column) => column.notNull())
      .execute();
    // Of runs that are older nobody knows; no quota was kept then.
    await schema.alterTable('run').addColumn('initiator', 'text').execute();
  },
};
