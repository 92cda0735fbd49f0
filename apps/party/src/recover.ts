import { type RecoverOptions, recoverStore, type StoreSurvey } from '@symbolon/service';

/**
 * {@link recoverStore} for an organisation that holds data. What was unfinished has failed. Of every agreement known here, drafts too,
 * runs may have been made that this database has forgotten: all count as used up, and a successor has to be signed. Burned sessions stay
 * burned; sessions that were forgotten cannot come back, as the key service never issues the same one twice.
 */
export function recoverParty(options: RecoverOptions): Promise<StoreSurvey | undefined> {
  const at = options.now().toISOString();
  return recoverStore(options, async (transaction) => {
    await transaction
      .updateTable('run')
      .set({ state: 'failed', error: 'the store of this organisation was recovered', ended_at: at })
      .where('state', '=', 'running')
      .execute();
    await transaction.updateTable('agreement').set({ exhausted: 1 }).execute();
    // They may have been withdrawn in the part that was lost.
    await transaction.deleteFrom('approval').execute();
  });
}
