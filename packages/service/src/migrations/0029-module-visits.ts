import type { Step } from './step.ts';

/** What a module keeps of visits, of where its clients stand, and of what its administrators should look at. */
export const moduleVisits: Step = {
  for: ['module'],
  async up({ schema }, { integer, bytes, numbered }) {
    await schema
      .createTable('institution')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('installation')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('card_challenge')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('installation', 'text', (column) => column.notNull())
      .addColumn('nonce', bytes, (column) => column.notNull())
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('card_challenge_begun').on('card_challenge').column('begun_at').execute();
    await schema
      .createTable('person_check')
      .addColumn('relation', 'text', (column) => column.primaryKey().notNull())
      .addColumn('installation', 'text')
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('until_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('module_alarm')
      .addColumn('id', integer, numbered)
      .addColumn('notice', 'text', (column) => column.unique())
      .addColumn('alarm', 'text', (column) => column.notNull())
      .addColumn('patient', integer)
      .addColumn('physician', 'text')
      .addColumn('installation', 'text')
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('tell_patient', integer, (column) => column.notNull())
      .addColumn('raised_at', 'text', (column) => column.notNull())
      .addColumn('seen_at', 'text')
      .addColumn('seen_by', 'text')
      .addColumn('note', 'text')
      .execute();
    await schema.createIndex('module_alarm_unseen').on('module_alarm').columns(['seen_at', 'id']).execute();
    await schema.createIndex('module_alarm_of_physician').on('module_alarm').columns(['physician', 'alarm']).execute();
    await schema
      .createTable('module_notice')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('taken_at', 'text', (column) => column.notNull())
      .execute();
  },
};
