import { type Agreement, type AgreementState, coversLink, type Notice } from '@symbolon/agreement';
import type { PartyContext } from '../context.ts';
import { untold } from './deliveries.ts';
import { lifecycleOf } from './state.ts';
import type { StoredAgreement } from './store.ts';

/** An agreement as an organisation sees it. */
export interface AgreementInfo {
  readonly hash: string;
  readonly title: string;
  /** See `agreementStates`. */
  readonly state: AgreementState;
  /** The notices that suspend, revoke or decline it. */
  readonly notices: readonly Pick<Notice, 'by' | 'action' | 'reason' | 'at'>[];
  /** Hash of the version that stands in its place, or answers it; null if there is none. */
  readonly version: string | null;
  /** Partners that have not heard yet what this organisation said of it. */
  readonly untold: readonly string[];
  readonly signedBy: readonly string[];
  readonly missing: readonly string[];
  /** Which table of the link is the own one; null if this organisation holds neither, or there is no link. */
  readonly as: 'a' | 'b' | null;
  readonly addedAt: string;
  /** Links that may have opened their result; studies are counted each for itself. */
  readonly runs: number;
  /** How many more it allows; none where runs of it may have been forgotten here. */
  readonly runsLeft: number;
  readonly agreement: Agreement;
}

/** What is known here of an agreement at this moment. */
export async function agreementInfo(context: PartyContext, stored: StoredAgreement): Promise<AgreementInfo> {
  const { agreement, hash, signedBy, missing, addedAt, exhausted } = stored;
  const { home, agreements, runs, now } = context;
  const own = (['a', 'b'] as const).find((side) => agreement.tables?.[side].party === home.card.id);
  const opened = await runs.opens(hash);
  const { state, notices, version } = await lifecycleOf(agreements, stored, now());
  return {
    hash,
    title: agreement.title,
    state,
    notices: notices.map(({ by, action, reason, at }) => ({ by, action, reason, at })),
    version,
    untold: await untold(context, hash),
    signedBy,
    missing,
    as: own ?? null,
    addedAt,
    runs: opened,
    runsLeft: exhausted || !coversLink(agreement) ? 0 : Math.max(0, agreement.link.maxRuns - opened),
    agreement,
  };
}
