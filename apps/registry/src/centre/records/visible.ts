import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { RecordPlace, Scope, Window } from '../grants.ts';
import { placedRecords } from './placed.ts';

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
 * condition; of records that are read until a moment, those alone that could be read at that moment, and have not changed since.
 */
export function visibleRecords(database: Database, { relation, windows }: Scope) {
  return placedRecords(database, relation.module)
    .where('centre_relation.patient', 'in', [...new Set([relation, ...windows].map(({ patient }) => patient))])
    .where(({ and, eb, or, not, exists, selectFrom, fn }) => {
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
      // Whose it was then: later it may have come from a patient who was merged with this one, or have been a draft.
      const shownThen = (until: string, patientThen: number) =>
        and([
          eb(fn.coalesce('centre_relation.shown_at', 'centre_relation.added_at'), '<=', until),
          eb(
            fn.coalesce(
              selectFrom('centre_move')
                .select('centre_move.patient')
                .whereRef('centre_move.module', '=', 'record.module')
                .whereRef('centre_move.relation', '=', 'record.relation')
                .where('centre_move.until_at', '>=', until)
                .orderBy('centre_move.until_at')
                .limit(1),
              'centre_relation.patient',
            ),
            '=',
            patientThen,
          ),
        ]);
      return or([
        eb('record.relation', '=', relation.id),
        and([
          eb('centre_relation.draft', '=', 0),
          or(
            widest(windows).map(({ patient, group, recordsUntil, patientThen }) =>
              and([
                eb('centre_relation.patient', '=', patient),
                eb('record.group', '=', group),
                ...(recordsUntil === null
                  ? []
                  : [
                      eb('record.recorded_at', '<=', recordsUntil),
                      unchanged(recordsUntil),
                      shownThen(recordsUntil, patientThen),
                    ]),
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
      'centre_relation.patient',
      'centre_relation.draft',
    ]);
}

/** Of each patient's group the window that shows most: a physician may have many, and a statement has its bounds. */
function widest(windows: Scope['windows']): Window[] {
  const found = new Map<string, Window>();
  for (const window of windows) {
    const { patient, group, recordsUntil } = window;
    const known = found.get(`${patient} ${group}`);
    const before = known?.recordsUntil;
    const wider = before === undefined || recordsUntil === null || (before !== null && before < recordsUntil);
    if (wider) found.set(`${patient} ${group}`, window);
  }
  return [...found.values()];
}

/** One of them. Throws `not-found`: alike for what is withheld, what is another patient's, and what never was. */
export async function visibleRecord(database: Database, scope: Scope, name: string): Promise<VisibleRecord> {
  const row = await visibleRecords(database, scope).where('record.name', '=', name).executeTakeFirst();
  if (row === undefined) throw fault('not-found', 'there is no such record here that this physician may read');
  return { ...row, draft: row.draft === 1 };
}
