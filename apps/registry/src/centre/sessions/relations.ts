import { fault } from '@symbolon/crypto';
import { type Database, insertRows, prepared } from '@symbolon/service';
import type { SessionRow } from './rows.ts';

/**
 * Makes a relation known, or finds it. Throws `consent-refused` where it is of another physician, or of another patient.
 * @param with.writes may add records from now on @param with.draft what it adds is seen by others after the patient's next consent: of a new relation only
 * @param with.consented the patient's card was here: what this physician added before is seen by others too
 */
export async function keepRelation(
  within: Database,
  { module, relation: id, physician, institution }: SessionRow,
  patient: number,
  of: { readonly writes: boolean; readonly draft?: boolean; readonly consented?: boolean; readonly now: Date },
): Promise<void> {
  const { writes, draft = false, consented = false, now } = of;
  const row = { module, id, patient, physician, institution, added_at: now.toISOString(), shown_at: null };
  const known = await findRelation(within, module, id);
  if (known === undefined) {
    await insertRows(within, 'centre_relation', [{ ...row, writes: writes ? 1 : 0, draft: draft ? 1 : 0 }]);
    return;
  }
  if (known.physician !== physician || known.patient !== patient) {
    throw fault('consent-refused', 'the answer is refused: the relation is of another physician or patient');
  }
  const shown = consented && known.draft === 1;
  const next = {
    institution,
    writes: writes ? (1 as const) : known.writes,
    ...(shown ? { draft: 0 as const, shown_at: row.added_at } : { draft: known.draft }),
  };
  if (known.institution === institution && known.writes === next.writes && known.draft === next.draft) return;
  await within.updateTable('centre_relation').set(next).where('module', '=', module).where('id', '=', id).execute();
}

/**
 * {@link keepRelation} in an emergency, which nothing holds up: of whom the relation is here, and of whom the ticket says it is, may be two for a moment, while
 * the module's notice that they are one, or no longer, is on its way. Throws `consent-refused` for another physician's. @returns all of them
 */
export async function keepInEmergency(
  within: Database,
  row: SessionRow,
  patient: number,
  now: Date,
): Promise<readonly number[]> {
  const known = await findRelation(within, row.module, row.relation);
  const of = known?.patient ?? patient;
  await keepRelation(within, row, of, { writes: false, now });
  return of === patient ? [patient] : [patient, of];
}

async function findRelation(within: Database, module: string, id: string) {
  return (await relationBy(within, { module, id })).rows[0];
}

const relationBy = prepared((database, { module, id }: { module: string; id: string }) =>
  database.selectFrom('centre_relation').selectAll().where('module', '=', module).where('id', '=', id),
);
