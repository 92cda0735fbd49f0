import type { Database } from '@symbolon/service';
import type { RecordKeeper } from '../context.ts';

/** What becomes of records when patients change. Records belong to relations: when these become another patient's, nothing has to be moved. */
export const recordKeeper: RecordKeeper = { erase, merge };

async function erase(patient: number, within: Database): Promise<void> {
  const relations = await within
    .selectFrom('centre_relation')
    .select(['module', 'id'])
    .where('patient', '=', patient)
    .execute();
  for (const { module, id } of relations) {
    const records = within.selectFrom('record').select('id').where('module', '=', module).where('relation', '=', id);
    for (const table of ['record_version', 'record_file'] as const) {
      await within.deleteFrom(table).where('record', 'in', records).execute();
    }
    for (const table of ['record', 'record_access', 'research_use'] as const) {
      await within.deleteFrom(table).where('module', '=', module).where('relation', '=', id).execute();
    }
  }
  await within.updateTable('registry_alarm').set({ patient: null }).where('patient', '=', patient).execute();
}

async function merge(from: number, to: number, within: Database): Promise<void> {
  await within.updateTable('registry_alarm').set({ patient: to }).where('patient', '=', from).execute();
}
