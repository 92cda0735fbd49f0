import { sql } from 'kysely';
import type { Step } from './step.ts';

export const matchPages: Step = {
  for: ['party'],
  async up(database, { dialect, integer }) {
    await database.schema
      .createTable('match_page')
      .addColumn('run', integer, (column) => column.notNull().references('run.id'))
      .addColumn('page', integer, (column) => column.notNull())
      .addColumn('matches', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('match_page_key', ['run', 'page'])
      .execute();
    // No database on PostgreSQL is older than this step: there is nothing to take over.
    if (dialect === 'sqlite') {
      await sql`
        INSERT INTO match_page
        SELECT run, page, json_object('row', json_group_array(own_row), 'a', json_group_array(row_a),
          'b', json_group_array(row_b), 'key', json_group_array(own_key))
        FROM (
          SELECT *, (row_number() OVER (PARTITION BY run ORDER BY own_row, row_a, row_b) - 1) / 4096 AS page
          FROM run_match ORDER BY run, own_row, row_a, row_b
        ) GROUP BY run, page`.execute(database);
    }
    await database.schema.dropTable('run_match').execute();
  },
};
