import type { OrganisationRole } from '@symbolon/agreement';
import type { ColumnDefinitionBuilder, Kysely } from 'kysely';
import type { DatabaseSchema } from '../schema.ts';

/** A step of the schema, run in one transaction with the note that it was done. */
export interface Step {
  /** A key service has no table that could hold data: the steps that make one are for parties only. */
  readonly for: readonly OrganisationRole[];
  up(database: Kysely<DatabaseSchema>, types: ColumnTypes): Promise<void>;
}

/** Column types that SQLite and PostgreSQL call by different names. Text is `'text'` on both. */
export interface ColumnTypes {
  readonly dialect: 'sqlite' | 'postgresql';
  /** Safe integers, booleans as 0 and 1: JavaScript numbers. */
  readonly integer: 'integer' | 'bigint';
  /** Bytes: `Uint8Array`. */
  readonly bytes: 'blob' | 'bytea';
  /** Makes an `integer` column the primary key that numbers rows itself, upwards; no number is used twice. */
  readonly numbered: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
}

export const sqliteTypes: ColumnTypes = {
  dialect: 'sqlite',
  integer: 'integer',
  bytes: 'blob',
  numbered: (column) => column.primaryKey().autoIncrement(),
};

export const postgresTypes: ColumnTypes = {
  dialect: 'postgresql',
  integer: 'bigint',
  bytes: 'bytea',
  numbered: (column) => column.primaryKey().generatedByDefaultAsIdentity(),
};
