import type { Step } from './step.ts';

/** What a consent has shown, once patients were merged or drafts became others' to see: until when a relation was another patient's, since when it is shown. */
export const centreMoves: Step = {
  for: ['centre'],
  async up({ schema }, { integer }) {
    await schema
      .createTable('centre_move')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('patient', integer, (column) => column.notNull())
      .addColumn('until_at', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('centre_move_of').on('centre_move').columns(['module', 'relation', 'until_at']).execute();
    await schema.alterTable('centre_relation').addColumn('shown_at', 'text').execute();
  },
};
