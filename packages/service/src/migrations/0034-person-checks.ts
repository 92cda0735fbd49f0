import type { Step } from './step.ts';

/** A person is verified for one operation, once. What was verified before lasted ten minutes, and is forgotten. */
export const personChecks: Step = {
  for: ['module'],
  async up({ schema }, { bytes }) {
    for (const table of ['person_check', 'card_challenge']) await schema.dropTable(table).execute();
    await schema
      .createTable('card_challenge')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addColumn('nonce', bytes, (column) => column.notNull())
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('card_challenge_begun').on('card_challenge').column('begun_at').execute();
    await schema
      .createTable('person_check')
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('installation', 'text')
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('until_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('person_check_once', ['relation', 'operation'])
      .execute();
  },
};
