import { fault } from '@symbolon/crypto';
import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';
import type { PartyContext } from '../context.ts';
import { datasetsOf } from '../subjects/concerned.ts';
import type { StoredAgreement } from './store.ts';

/** Deletes a draft, or what a partner has signed and this organisation has not. Throws `conflict` where it is signed here or used up. */
export async function discard(
  { home, agreements, log, database, holds }: PartyContext,
  { hash, agreement, signedBy, exhausted }: StoredAgreement,
): Promise<void> {
  const { title } = agreement;
  const own = home.card.id;
  if (signedBy.includes(own)) {
    throw fault('conflict', `"${title}" is signed here and stays`, {
      hint: 'It binds until its term ends, a successor that all sign replaces it, or a party revokes it: symbolon agreement revoke',
    });
  }
  // Nobody here knows whether it was signed in the part that was lost.
  if (exhausted) throw fault('conflict', `"${title}" was known here before this store was recovered, and stays`);
  const remove = async (transaction: Transaction<DatabaseSchema>): Promise<void> => {
    const here = agreements.within(transaction);
    if ((await here.get(hash)).signedBy.includes(own)) {
      throw fault('conflict', `"${title}" is signed here and stays`);
    }
    await holds.requireNone(transaction, datasetsOf(agreement, own));
    await here.remove(hash);
  };
  if (signedBy.length === 0) await database.transaction().execute(remove);
  else await log.append({ kind: 'agreement-discarded', agreement: hash, title }, remove);
}
