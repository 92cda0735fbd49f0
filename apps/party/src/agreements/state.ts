import { type EarlierVersion, type Lifecycle, lifecycle, type SigningFacts, stopped } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { AgreementStore, StoredAgreement } from './store.ts';

/** What has become of an agreement that is kept here. @param now of this party: terms begin and end by its clock */
export async function lifecycleOf(store: AgreementStore, stored: StoredAgreement, now: Date): Promise<Lifecycle> {
  return lifecycle({
    verified: stored,
    notices: stored.notices,
    successors: await store.successors(stored.hash),
    today: day(now),
  });
}

/**
 * Holds that no party and no later version has stopped an agreement: `agreement-revoked`, `agreement-suspended`, `agreement-superseded`. Within the
 * transaction of an entry of the log it is before or after every change of that agreement's state, as each is such a transaction itself.
 * @param store of that transaction
 */
export async function requireLive(store: AgreementStore, hash: string): Promise<void> {
  const stored = await store.find(hash);
  if (stored === undefined) throw fault('not-found', `there is no agreement ${hash} here`, { culprit: hash });
  const why = stopped({ verified: stored, notices: stored.notices, successors: await store.successors(hash) });
  if (why !== undefined) throw fault(why.code, why.reason, { culprit: why.culprit });
}

/** What `maySign` has to know. @param store of the transaction that signs */
export async function signingFacts(
  store: AgreementStore,
  stored: StoredAgreement,
  own: string,
  now: Date,
): Promise<SigningFacts> {
  const { agreement } = stored;
  const { predecessor } = agreement;
  const answered = await store.answered(agreement);
  const replaced = predecessor === null ? undefined : await store.find(predecessor);
  const root = answered.at(-1) ?? stored;
  const places = [
    ...(replaced === undefined ? [] : await store.successors(replaced.hash)),
    ...(await store.successors(root.hash)),
  ];
  // What this version answers gives way to it.
  const others = places.filter(
    ({ hash }) => hash !== stored.hash && answered.every((version) => version.hash !== hash),
  );
  const earlier = async (version: StoredAgreement | undefined): Promise<EarlierVersion | undefined> =>
    version && { agreement: version.agreement, state: (await lifecycleOf(store, version, now)).state };
  let signedRival: string | null = null;
  for (const version of others) {
    if (!version.signedBy.includes(own)) continue;
    const { state } = await lifecycleOf(store, version, now);
    if (state !== 'revoked' && state !== 'declined' && state !== 'expired') signedRival = version.hash;
  }
  return {
    state: (await lifecycleOf(store, stored, now)).state,
    predecessor: await earlier(replaced),
    countered: await earlier(answered[0]),
    signedRival,
  };
}

function day(now: Date): string {
  return now.toISOString().slice(0, 10);
}
