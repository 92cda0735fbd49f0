import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { SessionRow } from './rows.ts';

/**
 * Makes a relation known, or finds it. Throws `consent-refused` where the module gave its id to another physician or patient before.
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
  const row = { module, id, patient, physician, institution, added_at: now.toISOString() };
  const known = await within
    .selectFrom('centre_relation')
    .selectAll()
    .where('module', '=', module)
    .where('id', '=', id)
    .executeTakeFirst();
  if (known === undefined) {
    await within
      .insertInto('centre_relation')
      .values({ ...row, writes: writes ? 1 : 0, draft: draft ? 1 : 0 })
      .execute();
    return;
  }
  if (known.physician !== physician || known.patient !== patient) {
    throw fault('consent-refused', 'the answer is refused: the relation is of another physician or patient');
  }
  const next = {
    institution,
    writes: writes ? (1 as const) : known.writes,
    draft: consented ? (0 as const) : known.draft,
  };
  if (known.institution === institution && known.writes === next.writes && known.draft === next.draft) return;
  await within.updateTable('centre_relation').set(next).where('module', '=', module).where('id', '=', id).execute();
}
