import { hex, type Rng } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { GrantedGroups } from '../grants.ts';
import { usedRecords } from '../records/placed.ts';

const rowsAtOnce = 500;

/** Ids that mean something in one export alone: who has two cannot tell who is in both. */
export class ExportIds {
  readonly #rng: Rng;
  readonly #ids = new Map<string, string>();

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** @param of what is named, of whatever kind @returns 16 random bytes in hex, as FHIR ids have no _ */
  id(kind: 'patient' | 'physician' | 'record' | 'consent' | 'access', of: string | number): string {
    const key = `${kind} ${of}`;
    const known = this.#ids.get(key) ?? hex(this.#rng(16));
    this.#ids.set(key, known);
    return known;
  }
}

/** Of patients who have not objected, the records of a module that are no drafts: the newest version of each. */
export async function* exportedRecords(database: Database, module: string) {
  for (let after = 0; ; ) {
    const rows = await usedRecords(database, module)
      .select([
        'record.id',
        'record.name',
        'record.relation',
        'record.type',
        'record.group',
        'record.physician',
        'record.institution',
        'record.version',
        'record_version.type_version as typeVersion',
        'record_version.body',
        'record_version.certificate',
        'record_version.signature',
        'record_version.recorded_at as recordedAt',
        'centre_relation.patient',
      ])
      .where('record.id', '>', after)
      .orderBy('record.id')
      .limit(rowsAtOnce)
      .execute();
    yield* rows;
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1)!.id;
  }
}
/** A record of an export. */
export type ExportedRecord = ReturnType<typeof exportedRecords> extends AsyncGenerator<infer Row> ? Row : never;

/** What patients, or physicians in an emergency, have let others read. */
export async function* exportedConsents(database: Database, module: string) {
  for (let after = 0; ; ) {
    const rows = await database
      .selectFrom('centre_grant')
      .innerJoin('centre_patient', 'centre_patient.id', 'centre_grant.patient')
      .select([
        'centre_grant.id',
        'centre_grant.kind',
        'centre_grant.patient',
        'centre_grant.physician',
        'centre_grant.groups',
        'centre_grant.granted_at as from',
        'centre_grant.until_at as until',
        'centre_grant.closed_at as closed',
      ])
      .where('centre_grant.module', '=', module)
      .where('centre_grant.kind', 'in', ['consent', 'reopened', 'break-glass'])
      .where('centre_grant.id', '>', after)
      .where('centre_patient.objected_at', 'is', null)
      .orderBy('centre_grant.id')
      .limit(rowsAtOnce)
      .execute();
    for (const { groups, ...row } of rows) {
      yield { ...row, groups: (JSON.parse(groups) as GrantedGroups).map(([group]) => group) };
    }
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1)!.id;
  }
}
/** A consent of an export. */
export type ExportedConsent = ReturnType<typeof exportedConsents> extends AsyncGenerator<infer Row> ? Row : never;

/** Who read what. */
export async function* exportedAccesses(database: Database, module: string) {
  for (let after = 0; ; ) {
    const rows = await database
      .selectFrom('record_access')
      .innerJoin('centre_relation', (join) =>
        join
          .onRef('centre_relation.module', '=', 'record_access.module')
          .onRef('centre_relation.id', '=', 'record_access.relation'),
      )
      .innerJoin('centre_patient', 'centre_patient.id', 'centre_relation.patient')
      .select([
        'record_access.id',
        'record_access.by',
        'record_access.what',
        'record_access.record',
        'record_access.basis',
        'record_access.at',
        'centre_relation.patient',
      ])
      .where('record_access.module', '=', module)
      .where('record_access.id', '>', after)
      .where('centre_patient.objected_at', 'is', null)
      .orderBy('record_access.id')
      .limit(rowsAtOnce)
      .execute();
    yield* rows;
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1)!.id;
  }
}
/** An access of an export. */
export type ExportedAccess = ReturnType<typeof exportedAccesses> extends AsyncGenerator<infer Row> ? Row : never;
