import type { Database } from '@symbolon/service';

/** A module's records, each with the relation that it was added through. */
export function placedRecords(database: Database, module: string) {
  return database
    .selectFrom('record')
    .innerJoin('centre_relation', (join) =>
      join.onRef('centre_relation.module', '=', 'record.module').onRef('centre_relation.id', '=', 'record.relation'),
    )
    .where('record.module', '=', module);
}

/** What is used beside care, in studies and exports: the newest version of each record that is no draft, of patients who have not objected. */
export function usedRecords(database: Database, module: string) {
  return placedRecords(database, module)
    .innerJoin('record_version', (join) =>
      join.onRef('record_version.record', '=', 'record.id').onRef('record_version.version', '=', 'record.version'),
    )
    .innerJoin('centre_patient', 'centre_patient.id', 'centre_relation.patient')
    .where('centre_relation.draft', '=', 0)
    .where('centre_patient.objected_at', 'is', null);
}
