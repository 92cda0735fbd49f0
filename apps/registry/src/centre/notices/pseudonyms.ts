import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';

/**
 * A module changes its key: patients get new pseudonyms, a batch at a time. Both count meanwhile, so nothing has to stop; nothing here says who they are.
 * Throws `conflict` for a new one that is another patient's.
 */
export async function renamePatients(
  within: Database,
  module: string,
  pairs: readonly { readonly old: string; readonly new: string }[],
): Promise<void> {
  const known = await rowsOf(within, module, [...pairs.map(({ old }) => old), ...pairs.map((pair) => pair.new)]);
  const patientOf = new Map(known.map(({ pseudonym, patient }) => [pseudonym, patient]));
  const renamed = pairs.filter((pair) => pair.old !== pair.new && patientOf.has(pair.old));
  for (const pair of renamed) {
    const other = patientOf.get(pair.new);
    if (other === undefined || other === patientOf.get(pair.old)) continue;
    throw fault('conflict', 'a new pseudonym is another patient’s already', { culprit: module });
  }
  if (renamed.length === 0) return;
  const rows = renamed.map((pair) => ({
    ...{ module, pseudonym: pair.new, patient: patientOf.get(pair.old)! },
    replaced: 0 as const,
  }));
  await within
    .insertInto('centre_pseudonym')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['module', 'pseudonym']).doUpdateSet({ replaced: 0 }))
    .execute();
  const old = renamed.map((pair) => pair.old);
  await within
    .updateTable('centre_pseudonym')
    .set({ replaced: 1 })
    .where('module', '=', module)
    .where('pseudonym', 'in', old)
    .execute();
}

/** The change is done: pseudonyms before are forgotten, in sessions too. */
export async function forgetOldPseudonyms(within: Database, module: string): Promise<void> {
  const old = within
    .selectFrom('centre_pseudonym')
    .select('pseudonym')
    .where('module', '=', module)
    .where('replaced', '=', 1);
  await within
    .updateTable('centre_session')
    .set({ pseudonym: '' })
    .where('module', '=', module)
    .where('state', '!=', 'open')
    .where('pseudonym', 'in', old)
    .execute();
  await within.deleteFrom('centre_pseudonym').where('module', '=', module).where('replaced', '=', 1).execute();
}

function rowsOf(within: Database, module: string, pseudonyms: readonly string[]) {
  return within
    .selectFrom('centre_pseudonym')
    .select(['pseudonym', 'patient'])
    .where('module', '=', module)
    .where('pseudonym', 'in', pseudonyms)
    .execute();
}
