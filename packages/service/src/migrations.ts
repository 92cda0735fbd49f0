import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { DatabaseSchema } from './schema.ts';

/** A step of the schema. A key service has no table that could hold data: the steps that make one are for parties only. */
interface Step extends Migration {
  for: readonly ('party' | 'keyservice')[];
  up(database: Kysely<DatabaseSchema>): Promise<void>;
}

/** All steps, in the order of their names. A step that has been published is never changed; add another. */
export const migrations: Readonly<Record<string, Step>> = {
  '0001-log': {
    for: ['party', 'keyservice'],
    async up({ schema }) {
      await schema
        .createTable('log_entry')
        .addColumn('index', 'integer', (column) => column.primaryKey())
        .addColumn('entry', 'blob', (column) => column.notNull())
        .addColumn('event', 'blob')
        .addColumn('salt', 'blob')
        .execute();
      await schema
        .createTable('checkpoint')
        .addColumn('origin', 'text', (column) => column.primaryKey())
        .addColumn('size', 'integer', (column) => column.notNull())
        .addColumn('note', 'text', (column) => column.notNull())
        .execute();
    },
  },
  '0002-keyservice': {
    for: ['keyservice'],
    async up({ schema }) {
      await schema
        .createTable('issued_session')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('agreement', 'text', (column) => column.notNull())
        .addColumn('program', 'text', (column) => column.notNull())
        .addColumn('attempt', 'text', (column) => column.notNull().unique())
        .addColumn('parties', 'text', (column) => column.notNull())
        .addColumn('issued_at', 'text', (column) => column.notNull())
        .addColumn('data_hash', 'text')
        .addColumn('released_at', 'text')
        .execute();
    },
  },
  '0003-party': {
    for: ['party'],
    async up({ schema }) {
      await schema
        .createTable('burned_session')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('agreement', 'text', (column) => column.notNull())
        .addColumn('attempt', 'text', (column) => column.notNull())
        .addColumn('burned_at', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('agreement')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('predecessor', 'text')
        .addColumn('document', 'blob', (column) => column.notNull())
        .addColumn('added_at', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('agreement_signature')
        .addColumn('agreement', 'text', (column) => column.notNull().references('agreement.hash'))
        .addColumn('party', 'text', (column) => column.notNull())
        .addColumn('signed_at', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('agreement_signature_key', ['agreement', 'party'])
        .execute();
      await schema
        .createTable('dataset')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('columns', 'text', (column) => column.notNull())
        .addColumn('rows', 'integer', (column) => column.notNull())
        .addColumn('added_at', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('run')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('agreement', 'text', (column) => column.notNull().references('agreement.hash'))
        .addColumn('attempt', 'text', (column) => column.notNull().unique())
        .addColumn('session', 'text')
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('error', 'text')
        .addColumn('statement', 'blob')
        .addColumn('started_at', 'text', (column) => column.notNull())
        .addColumn('ended_at', 'text')
        .addColumn('opened_at', 'text')
        .addColumn('log_index', 'integer')
        .addColumn('details', 'text')
        .execute();
      await schema
        .createTable('run_match')
        .addColumn('run', 'integer', (column) => column.notNull().references('run.id'))
        .addColumn('own_row', 'integer', (column) => column.notNull())
        .addColumn('row_a', 'integer', (column) => column.notNull())
        .addColumn('row_b', 'integer', (column) => column.notNull())
        .addColumn('own_key', 'text')
        .addPrimaryKeyConstraint('run_match_key', ['run', 'own_row', 'row_a', 'row_b'])
        .execute();
    },
  },
  '0004-epochs': {
    for: ['party', 'keyservice'],
    async up(database) {
      // SQLite cannot change a primary key. If the process ends before the step is noted as done, it does the same again.
      await database.transaction().execute(async (transaction) => {
        await transaction.schema
          .createTable('log_entry_of_epoch')
          .addColumn('epoch', 'integer', (column) => column.notNull())
          .addColumn('index', 'integer', (column) => column.notNull())
          .addColumn('entry', 'blob', (column) => column.notNull())
          .addColumn('event', 'blob')
          .addColumn('salt', 'blob')
          .addPrimaryKeyConstraint('log_entry_key', ['epoch', 'index'])
          .execute();
        await sql`INSERT INTO log_entry_of_epoch SELECT 1, "index", entry, event, salt FROM log_entry`.execute(
          transaction,
        );
        await transaction.schema.dropTable('log_entry').execute();
        await transaction.schema.alterTable('log_entry_of_epoch').renameTo('log_entry').execute();
      });
    },
  },
  '0005-party-epochs': {
    for: ['party'],
    async up(database) {
      await database.transaction().execute(async ({ schema }) => {
        await schema
          .alterTable('agreement')
          .addColumn('exhausted', 'integer', (column) => column.notNull().defaultTo(0))
          .execute();
        await schema.alterTable('run').addColumn('log_epoch', 'integer').execute();
      });
      await database.updateTable('run').set({ log_epoch: 1 }).where('log_index', 'is not', null).execute();
    },
  },
  '0006-match-pages': {
    for: ['party'],
    async up(database) {
      await database.transaction().execute(async (transaction) => {
        await transaction.schema
          .createTable('match_page')
          .addColumn('run', 'integer', (column) => column.notNull().references('run.id'))
          .addColumn('page', 'integer', (column) => column.notNull())
          .addColumn('matches', 'text', (column) => column.notNull())
          .addPrimaryKeyConstraint('match_page_key', ['run', 'page'])
          .execute();
        await sql`
          INSERT INTO match_page
          SELECT run, page, json_object('row', json_group_array(own_row), 'a', json_group_array(row_a),
            'b', json_group_array(row_b), 'key', json_group_array(own_key))
          FROM (
            SELECT *, (row_number() OVER (PARTITION BY run ORDER BY own_row, row_a, row_b) - 1) / 4096 AS page
            FROM run_match ORDER BY run, own_row, row_a, row_b
          ) GROUP BY run, page`.execute(transaction);
        await transaction.schema.dropTable('run_match').execute();
      });
    },
  },
  '0007-studies': {
    for: ['party'],
    async up(database) {
      await database.transaction().execute(async ({ schema }) => {
        await schema.alterTable('run').addColumn('study', 'text').execute();
        await schema
          .createTable('study_approval')
          .addColumn('agreement', 'text', (column) => column.notNull().references('agreement.hash'))
          .addColumn('study', 'text', (column) => column.notNull())
          .addColumn('hash', 'text', (column) => column.notNull())
          .addColumn('by', 'text', (column) => column.notNull())
          .addColumn('approved_at', 'text', (column) => column.notNull())
          .addPrimaryKeyConstraint('study_approval_key', ['agreement', 'study'])
          .execute();
        await schema
          .createTable('study_result')
          .addColumn('run', 'integer', (column) => column.primaryKey().references('run.id'))
          .addColumn('result', 'text', (column) => column.notNull())
          .execute();
      });
    },
  },
};
