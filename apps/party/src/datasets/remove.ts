import { fault } from '@symbolon/crypto';
import type { Also } from '@symbolon/service';
import { agreementInfo } from '../agreements/info.ts';
import type { PartyContext } from '../context.ts';
import { datasetsOf } from '../subjects/concerned.ts';

/** States in which an agreement allows nothing, and never will again. */
const over: readonly string[] = ['revoked', 'declined', 'expired', 'amended'];

/**
 * Forgets a data set, and deletes its file where that was added by a browser; any other stays where it is. People who take no part stay on their list.
 * Throws `not-found`, `legal-hold`, and `conflict` where an agreement still names it.
 */
export async function removeDataset(context: PartyContext, name: string, also?: Also): Promise<void> {
  const { home, agreements, datasets } = context;
  await datasets.show(name);
  for (const stored of await agreements.list()) {
    if (!datasetsOf(stored.agreement, home.card.id).includes(name)) continue;
    const { state, title } = await agreementInfo(context, stored);
    if (over.includes(state)) continue;
    throw fault('conflict', `the agreement "${title}" names the data set '${name}'`, {
      culprit: name,
      hint: 'Discard the agreement while it is a draft, or revoke it; then remove the data set.',
    });
  }
  await datasets.remove(name, also);
}
