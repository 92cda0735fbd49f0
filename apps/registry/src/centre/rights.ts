import type { Database } from '@symbolon/service';
import type { Context } from './context.ts';
import { erasedMarks, noteErasure } from './erasures.ts';
import { retirePairs } from './pairs.ts';

/** What a patient can ask for. Each in a transaction; again, it changes nothing. */
export const rights = { withdraw, object, erase };

/** Consent ends. What physicians wrote themselves they read on. */
async function withdraw({ now }: Context, within: Database, patient: number): Promise<void> {
  await endConsent(within, patient, { now: now(), by: 'withdrawal' });
}

/** Windows close, replacements of cards are refused, and no card answers until one is registered again. */
export async function endConsent(
  within: Database,
  patient: number,
  { now, by }: { readonly now: Date; readonly by: string },
): Promise<void> {
  const at = now.toISOString();
  await within
    .updateTable('centre_grant')
    .set({ closed_at: at })
    .where('patient', '=', patient)
    .where('closed_at', 'is', null)
    .execute();
  await within
    .updateTable('centre_replacement')
    .set({ state: 'refused', ended_at: at, ended_by: by })
    .where('patient', '=', patient)
    .where('state', '=', 'waiting')
    .execute();
  await retirePairs(within, { patient }, now);
  await within.updateTable('centre_patient').set({ enrolled_at: null }).where('id', '=', patient).execute();
}

/** No study uses the patient's records from now on. */
async function object({ now }: Context, within: Database, patient: number): Promise<void> {
  await within
    .updateTable('centre_patient')
    .set({ objected_at: now().toISOString() })
    .where('id', '=', patient)
    .where('objected_at', 'is', null)
    .execute();
}

/**
 * Everything goes: records, pairs, what was signed, relations, pseudonyms. The marks of the patient are kept beside the database, so that a backup that is
 * restored is erased again.
 */
async function erase(context: Context, within: Database, patient: number): Promise<void> {
  const { home, records, now } = context;
  const patients = await within
    .selectFrom('centre_patient')
    .select(['id', 'mark'])
    .where(({ or, eb }) => or([eb('id', '=', patient), eb('merged_into', '=', patient)]))
    .execute();
  noteErasure(
    home,
    patients.map(({ mark }) => mark),
  );
  await records.erase(patient, within);
  const pseudonyms = within.selectFrom('centre_pseudonym').select('pseudonym').where('patient', '=', patient);
  const modules = within.selectFrom('centre_patient').select('module').where('id', '=', patient);
  await within
    .updateTable('centre_session')
    .set({ state: 'lapsed', envelopes: null, ended_at: now().toISOString() })
    .where('module', 'in', modules)
    .where('pseudonym', 'in', pseudonyms)
    .where('state', '=', 'open')
    .execute();
  await within
    .updateTable('centre_session')
    .set({ pseudonym: '' })
    .where('module', 'in', modules)
    .where('pseudonym', 'in', pseudonyms)
    .execute();
  const relations = within.selectFrom('centre_relation').select('id').where('patient', '=', patient);
  await within.deleteFrom('centre_move').where('module', 'in', modules).where('relation', 'in', relations).execute();
  const pairs = within.selectFrom('centre_pair').select('id').where('patient', '=', patient);
  await within.deleteFrom('centre_offer').where('pair', 'in', pairs).execute();
  for (const table of tablesOfPatients) await within.deleteFrom(table).where('patient', '=', patient).execute();
  await within
    .deleteFrom('centre_patient')
    .where(
      'id',
      'in',
      patients.map(({ id }) => id),
    )
    .execute();
}

const tablesOfPatients = [
  'centre_grant',
  'centre_consent',
  'centre_review',
  'centre_replacement',
  'centre_pair',
  'centre_relation',
  'centre_pseudonym',
] as const;

/** Erases again whom a restored backup has brought back, or whose erasure a crash has stopped. Runs when the server starts. @returns how many */
export async function replayErasures(context: Context): Promise<number> {
  const { home, database, log } = context;
  const marks = erasedMarks(home);
  if (marks.size === 0) return 0;
  const rows = await database.selectFrom('centre_patient').select(['id', 'mark', 'merged_into']).execute();
  const back = rows.filter(({ mark, merged_into }) => marks.has(mark) && merged_into === null);
  for (const { id } of back) {
    await log.append({ kind: 'erasure-replayed' }, (within) => erase(context, within, id));
  }
  return back.length;
}
