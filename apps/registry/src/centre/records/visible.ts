import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { RecordPlace, Scope } from '../grants.ts';

/** A record as the database has it, and where it belongs. */
export interface VisibleRecord extends RecordPlace {
  /** Stays inside. */
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly physician: string;
  readonly institution: string;
  readonly version: number;
}

/**
 * The records of a patient that a physician may read: what may not be read is not asked for, so no number, cursor or error can tell of it. As `mayRead`, as a
 * condition; of records that are read until a moment, those alone that have not changed since.
 */
export function visibleRecords(database: Database, { relation, windows }: Scope) {
  return database
    .selectFrom('record')
    .innerJoin('centre_relation', (join) =>
      join.onRef('centre_relation.module', '=', 'record.module').onRef('centre_relation.id', '=', 'record.relation'),
    )
    .where('record.module', '=', relation.module)
    .where('centre_relation.patient', '=', relation.patient)
    .where(({ and, eb, or, not, exists, selectFrom }) => {
      // What was written into a record later was never granted; it is withheld as a whole.
      const unchanged = (until: string) =>
        and([
          not(
            exists(
              selectFrom('record_version')
                .select('record_version.version')
                .whereRef('record_version.record', '=', 'record.id')
                .where('record_version.recorded_at', '>', until),
            ),
          ),
          not(
            exists(
              selectFrom('record_file')
                .select('record_file.file')
                .whereRef('record_file.record', '=', 'record.id')
                .where('record_file.added_at', '>', until),
            ),
          ),
        ]);
      return or([
        eb('record.relation', '=', relation.id),
        and([
          eb('centre_relation.draft', '=', 0),
          or(
            widest(windows).map(([group, recordsUntil]) =>
              and([
                eb('record.group', '=', group),
                ...(recordsUntil === null
                  ? []
                  : [eb('record.recorded_at', '<=', recordsUntil), unchanged(recordsUntil)]),
              ]),
            ),
          ),
        ]),
      ]);
    })
    .select([
      'record.id',
      'record.name',
      'record.relation',
      'record.type',
      'record.group',
      'record.physician',
      'record.institution',
      'record.version',
      'record.recorded_at as recordedAt',
      'centre_relation.draft',
    ]);
}

/** Of each group the moment until which records count, null for all: a physician may have many windows, and a statement has its bounds. */
function widest(windows: Scope['windows']): (readonly [group: string, recordsUntil: string | null])[] {
  const found = new Map<string, string | null>();
  for (const { group, recordsUntil } of windows) {
    const known = found.get(group);
    const wider = known === undefined || recordsUntil === null || (known !== null && known < recordsUntil);
    if (wider) found.set(group, recordsUntil);
  }
  return [...found];
}

/** One of them. Throws `not-found`: alike for what is withheld, what is another patient's, and what never was. */
export async function visibleRecord(database: Database, scope: Scope, name: string): Promise<VisibleRecord> {
  const row = await visibleRecords(database, scope).where('record.name', '=', name).executeTakeFirst();
  if (row === undefined) throw fault('not-found', 'there is no such record here that this physician may read');
  return { ...row, draft: row.draft === 1 };
}
