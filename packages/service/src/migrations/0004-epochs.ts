import { organisationRoles } from '@symbolon/agreement';
import { sql } from 'kysely';
import type { Step } from './step.ts';

/** SQLite cannot change a primary key: the table is made anew. */
export const epochs: Step = {
  for: organisationRoles,
  async up(database, { integer, bytes }) {
    await database.schema
      .createTable('log_entry_of_epoch')
      .addColumn('epoch', integer, (column) => column.notNull())
      .addColumn('index', integer, (column) => column.notNull())
      .addColumn('entry', bytes, (column) => column.notNull())
      .addColumn('event', bytes)
      .addColumn('salt', bytes)
      .addPrimaryKeyConstraint('log_entry_key', ['epoch', 'index'])
      .execute();
    await sql`INSERT INTO log_entry_of_epoch SELECT 1, "index", entry, event, salt FROM log_entry`.execute(database);
    await database.schema.dropTable('log_entry').execute();
    await database.schema.alterTable('log_entry_of_epoch').renameTo('log_entry').execute();
  },
};
