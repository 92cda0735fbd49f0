import { sql } from 'kysely';
import type { Step } from './step.ts';

export const module: Step = {
  for: ['module'],
  async up({ schema }, { integer, bytes, numbered, dialect }) {
    await schema
      .createTable('identity')
      .addColumn('id', integer, numbered)
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('merged_into', integer)
      .addColumn('added_at', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('identity_merged').on('identity').column('merged_into').execute();
    const keys = schema
      .createTable('identity_key')
      .addColumn('key', integer, (column) => column.notNull())
      .addColumn('identity', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('identity_key_once', ['key', 'identity']);
    // The rows are nothing but their key: sqlite.org/withoutrowid.html.
    await (dialect === 'sqlite' ? keys.modifyEnd(sql`without rowid`) : keys).execute();
    await schema
      .createTable('relation')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('person', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('identity', integer)
      .addColumn('tag', 'text')
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addColumn('used_at', 'text')
      .addUniqueConstraint('relation_once', ['physician', 'hash'])
      .execute();
    await schema.createIndex('relation_of_identity').on('relation').columns(['identity', 'physician']).execute();
    await schema.createIndex('relation_by_state').on('relation').columns(['state', 'added_at']).execute();
    await schema
      .createTable('pseudonym_tag')
      .addColumn('tag', 'text', (column) => column.primaryKey().notNull())
      .addColumn('identity', integer, (column) => column.notNull())
      .execute();
    await schema.createIndex('pseudonym_tag_of_identity').on('pseudonym_tag').column('identity').execute();
    await schema
      .createTable('pseudonym_key')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('check', bytes, (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('mapped', integer, (column) => column.notNull())
      .addColumn('from_at', 'text', (column) => column.notNull())
      .execute();
    await schema
      .createTable('patient_card')
      .addColumn('thumbprint', 'text', (column) => column.primaryKey().notNull())
      .addColumn('identity', integer, (column) => column.notNull())
      .addColumn('slot', integer, (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .execute();
    await schema.createIndex('patient_card_of_identity').on('patient_card').column('identity').execute();
    await schema
      .createTable('duplicate')
      .addColumn('id', integer, numbered)
      .addColumn('one', integer, (column) => column.notNull())
      .addColumn('other', integer, (column) => column.notNull())
      .addColumn('score', integer, (column) => column.notNull())
      .addColumn('reasons', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('ended_by', 'text')
      .addUniqueConstraint('duplicate_once', ['one', 'other'])
      .execute();
    await schema.createIndex('duplicate_by_state').on('duplicate').columns(['state', 'id']).execute();
    await schema.createIndex('duplicate_of_other').on('duplicate').column('other').execute();
    await schema
      .createTable('identity_change')
      .addColumn('id', integer, numbered)
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('from', integer, (column) => column.notNull())
      .addColumn('to', integer, (column) => column.notNull())
      .addColumn('identities', 'text', (column) => column.notNull())
      .addColumn('undoes', integer)
      .addColumn('undone_by', integer)
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'text', (column) => column.notNull())
      .execute();
  },
};
