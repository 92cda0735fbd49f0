import type { Schema, StudyTable } from '@symbolon/analytics';
import type { RecordType } from '../records/types/types.ts';
import { columnsOf } from './columns.ts';

/** As a table's owner is called in studies; the centre holds all. */
export const holder = 'centre';
/** So many, that sums of what a type may hold stay exact. */
export const mostRows = 10_000_000;

/** What studies on a module's records know of them: a table for each type, by the newest version of it. */
export function studySchema(types: readonly RecordType[], minPatients: number): Schema {
  const tables = Object.fromEntries(types.map((type) => [type.name, tableOf(type)]));
  // Whatever has one row a patient can be joined to anything, by the patient.
  const joins = types.flatMap(({ name: hub }) =>
    types
      .filter((type) => type.name !== hub && isOnePerPatient(type))
      .map(({ name: spoke }) => ({ hub, spoke, on: [['patient', 'patient'] as const] })),
  );
  return { tables, joins, minPatients };
}

function tableOf(type: RecordType): StudyTable {
  const columns = columnsOf(type).map(({ name, column }) => [name, column] as const);
  return {
    parties: [holder],
    maxRows: mostRows,
    patient: 'patient',
    ...(isOnePerPatient(type) ? { onePerPatient: true as const } : {}),
    columns: {
      patient: { type: 'text', policy: 'join', required: true },
      recorded: { type: 'date', min: '2000-01-01', max: '2150-12-31', policy: 'filter', required: true },
      ...Object.fromEntries(columns),
    },
  };
}

/** Whether studies see the newest record of a patient alone. */
export function isOnePerPatient({ schema }: Pick<RecordType, 'schema'>): boolean {
  return schema['x-one-per-patient'] === true;
}
