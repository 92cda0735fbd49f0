import type { OrganisationRole } from '@symbolon/agreement';
import { Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import type { migrations } from './migrations/index.ts';
import type { ColumnTypes } from './migrations/step.ts';

/** Takes the steps that a database has not taken yet, all in one transaction. @param namespace where the tables are, on PostgreSQL */
export async function migrate(
  database: Database,
  params: {
    readonly role: OrganisationRole;
    readonly steps: typeof migrations;
    readonly types: ColumnTypes;
    readonly namespace?: string;
  },
): Promise<void> {
  const { role, steps, types, namespace } = params;
  const wanted = Object.entries(steps).filter(([, step]) => step.for.includes(role));
  const getMigrations = async () =>
    Object.fromEntries(
      wanted.map(([name, { up }]) => [name, { up: (transaction: Database) => up(transaction, types) }]),
    );
  const place = namespace === undefined ? {} : { migrationTableSchema: namespace };
  const { error } = await new Migrator({ db: database, provider: { getMigrations }, ...place }).migrateToLatest();
  if (error !== undefined) throw error;
}
