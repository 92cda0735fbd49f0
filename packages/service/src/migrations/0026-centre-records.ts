import type { Step } from './step.ts';

export const centreRecords: Step = {
  for: ['centre'],
  async up({ schema }, { integer, bytes, numbered }) {
    await schema
      .createTable('record_type')
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('schema', 'text', (column) => column.notNull())
      .addColumn('added_by', 'text', (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('record_type_once', ['module', 'name', 'version'])
      .execute();
    await schema
      .createTable('record')
      .addColumn('id', integer, numbered)
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('group', 'text', (column) => column.notNull())
      .addColumn('physician', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('recorded_at', 'text', (column) => column.notNull())
      .addUniqueConstraint('record_once', ['module', 'name'])
      .execute();
    await schema.createIndex('record_by_relation').on('record').columns(['module', 'relation']).execute();
    await schema.createIndex('record_by_type').on('record').columns(['module', 'type']).execute();
    await schema
      .createTable('record_version')
      .addColumn('record', integer, (column) => column.notNull())
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('type_version', integer, (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('certificate', 'text')
      .addColumn('signature', bytes)
      .addColumn('recorded_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('record_version_once', ['record', 'version'])
      .execute();
    await schema
      .createTable('record_certificate')
      .addColumn('thumbprint', 'text', (column) => column.primaryKey().notNull())
      .addColumn('certificate', bytes, (column) => column.notNull())
      .execute();
    await schema
      .createTable('record_file')
      .addColumn('record', integer, (column) => column.notNull())
      .addColumn('file', integer, (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('bytes', bytes, (column) => column.notNull())
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('record_file_once', ['record', 'file'])
      .execute();
    await schema
      .createTable('record_access')
      .addColumn('id', integer, numbered)
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('institution', 'text', (column) => column.notNull())
      .addColumn('what', 'text', (column) => column.notNull())
      .addColumn('record', 'text')
      .addColumn('session', 'text')
      .addColumn('basis', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('at', 'text', (column) => column.notNull())
      .execute();
    await schema.createIndex('record_access_by_relation').on('record_access').columns(['module', 'relation']).execute();
    await schema.createIndex('record_access_by_reader').on('record_access').columns(['module', 'by', 'at']).execute();
    await schema
      .createTable('record_export')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('format', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('records', integer, (column) => column.notNull())
      .execute();
    await schema
      .createTable('research_study')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('sql', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('asked_by', 'text', (column) => column.notNull())
      .addColumn('asked_at', 'text', (column) => column.notNull())
      .addColumn('result', 'text')
      .addColumn('ran_at', 'text')
      .execute();
    await schema.createIndex('research_study_by_module').on('research_study').column('module').execute();
    await schema
      .createTable('research_approval')
      .addColumn('study', 'text', (column) => column.notNull())
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('approves', integer, (column) => column.notNull())
      .addColumn('at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('research_approval_once', ['study', 'person'])
      .execute();
    await schema
      .createTable('research_use')
      .addColumn('study', 'text', (column) => column.notNull())
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('relation', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('research_use_once', ['study', 'relation'])
      .execute();
    await schema.createIndex('research_use_by_relation').on('research_use').columns(['module', 'relation']).execute();
    await schema
      .createTable('registry_alarm')
      .addColumn('id', integer, numbered)
      .addColumn('module', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text')
      .addColumn('patient', integer)
      .addColumn('physician', 'text')
      .addColumn('installation', 'text')
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('logged', integer, (column) => column.notNull())
      .addColumn('seen_at', 'text')
      .addColumn('seen_by', 'text')
      .addColumn('note', 'text')
      .addUniqueConstraint('registry_alarm_once', ['module', 'kind', 'subject'])
      .execute();
    await schema.createIndex('registry_alarm_by_patient').on('registry_alarm').column('patient').execute();
  },
};
