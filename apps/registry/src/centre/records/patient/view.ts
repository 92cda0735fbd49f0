import type { AccessShown, PatientView } from '@symbolon/consent';
import type { Database } from '@symbolon/service';
import type { GrantedGroups, Relation, Scope } from '../../grants.ts';
import { visibleRecords } from '../visible.ts';

/** The newest accesses of which a view tells. */
const mostAccesses = 10_000;

/**
 * What is shown to a patient, whose card is there: of all records and physicians.
 * @param only what this physician may read and did: where the answer may have been known without the card
 */
export async function viewOf(database: Database, relation: Relation, only?: Scope): Promise<PatientView> {
  return {
    objected: only === undefined ? await hasObjected(database, relation) : null,
    records: await recordsOf(database, relation, only),
    consents: await consentsOf(database, relation, only),
    accesses: await accessesOf(database, relation, only),
    studies: only === undefined ? await studiesOf(database, relation) : [],
  };
}

async function hasObjected(database: Database, { patient }: Relation): Promise<boolean> {
  const query = database.selectFrom('centre_patient').select('objected_at').where('id', '=', patient);
  const row = await query.executeTakeFirst();
  return row !== undefined && row.objected_at !== null;
}

async function recordsOf(database: Database, relation: Relation, only?: Scope): Promise<PatientView['records']> {
  const rows = await (only === undefined ? allRecords(database, relation) : visibleRecords(database, only))
    .orderBy('record.id')
    .execute();
  return rows.map(({ name: record, type, group, physician, institution, version: versions, recordedAt }) => {
    return { record, type, group, physician, institution, versions, recordedAt: Date.parse(recordedAt) };
  });
}

/** Records of a patient, whoever may read them. */
export function allRecords(database: Database, { module, patient }: Pick<Relation, 'module' | 'patient'>) {
  return database
    .selectFrom('record')
    .innerJoin('centre_relation', (join) =>
      join.onRef('centre_relation.module', '=', 'record.module').onRef('centre_relation.id', '=', 'record.relation'),
    )
    .where('record.module', '=', module)
    .where('centre_relation.patient', '=', patient)
    .select([
      'record.id',
      'record.name',
      'record.type',
      'record.group',
      'record.physician',
      'record.institution',
      'record.version',
      'record.recorded_at as recordedAt',
    ]);
}

async function consentsOf(
  database: Database,
  { module, patient }: Relation,
  only?: Scope,
): Promise<PatientView['consents']> {
  const rows = await database
    .selectFrom('centre_consent')
    .select(['session', 'operation', 'physician', 'institution', 'groups', 'purpose', 'answered_at'])
    .where('module', '=', module)
    .where('patient', '=', patient)
    .$if(only !== undefined, (query) => query.where('relation', '=', only!.relation.id))
    .orderBy('answered_at')
    .orderBy('session')
    .execute();
  return rows.map(({ operation, groups, answered_at, ...row }) => ({
    ...row,
    operation: operation as PatientView['consents'][number]['operation'],
    groups: groupNames(groups),
    at: Date.parse(answered_at),
  }));
}

/** As the answer said them, or with the moments until which records count. */
function groupNames(json: string): string[] {
  const groups = JSON.parse(json) as readonly string[] | GrantedGroups;
  return groups.map((group) => (typeof group === 'string' ? group : group[0]));
}

async function accessesOf(database: Database, { module, patient }: Relation, only?: Scope): Promise<AccessShown[]> {
  const relations = database
    .selectFrom('centre_relation')
    .select('id')
    .where('module', '=', module)
    .where('patient', '=', patient);
  const rows = await database
    .selectFrom('record_access')
    .select(['at', 'by', 'institution', 'what', 'record', 'session', 'basis', 'purpose'])
    .where('module', '=', module)
    .where('relation', 'in', relations)
    .$if(only !== undefined, (query) =>
      query.where('relation', '=', only!.relation.id).where('by', '=', only!.relation.physician),
    )
    .orderBy('id', 'desc')
    .limit(mostAccesses)
    .execute();
  return rows.map(({ at, ...row }) => ({ ...row, at: Date.parse(at) }));
}

async function studiesOf(database: Database, { module, patient }: Relation): Promise<PatientView['studies']> {
  const rows = await database
    .selectFrom('research_use')
    .innerJoin('centre_relation', (join) =>
      join
        .onRef('centre_relation.module', '=', 'research_use.module')
        .onRef('centre_relation.id', '=', 'research_use.relation'),
    )
    .innerJoin('research_study', 'research_study.id', 'research_use.study')
    .select(['research_study.id as study', 'title', 'purpose', 'ran_at'])
    .distinct()
    .where('research_use.module', '=', module)
    .where('centre_relation.patient', '=', patient)
    .orderBy('study')
    .execute();
  return rows.map(({ ran_at, ...row }) => ({ ...row, at: Date.parse(ran_at!) }));
}
