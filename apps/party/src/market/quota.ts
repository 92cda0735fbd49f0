import { type Agreement, outsideQuota } from '@symbolon/agreement';
import { fault, SymbolonError } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { AgreementStore, StoredAgreement } from '../agreements/store.ts';
import { type PartyRefusal, refuse } from '../authorize/force.ts';

/** Runs that an organisation started and that count: of this day, this month (UTC), and of the whole term. */
export interface RunsUsed {
  readonly day: number;
  readonly month: number;
  readonly term: number;
}

/** An agreement and its hash. */
interface Known {
  readonly hash: string;
  readonly agreement: Pick<Agreement, 'quota' | 'title' | 'outsourcing' | 'licence'>;
}

/** Whose quota questions to encrypted tables take from, whoever of the owner's people runs them: the licensee's; without a licence the owner's. */
export function sealedRunsOf({ outsourcing, licence }: Pick<Agreement, 'outsourcing' | 'licence'>): string | undefined {
  return outsourcing && (licence?.licensee ?? outsourcing.owner);
}

/** Links, studies and questions to encrypted tables that an organisation started and that may have opened their result, by the own clock. */
export async function runsUsed(
  database: Database,
  { hash, agreement }: Known,
  by: string,
  now: Date,
): Promise<RunsUsed> {
  const today = now.toISOString().slice(0, 10);
  const since = async (moment: string): Promise<number> => {
    const { count } = await database
      .selectFrom('run')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('agreement', '=', hash)
      .where('initiator', '=', by)
      .where('opened_at', '>=', moment)
      .executeTakeFirstOrThrow();
    if (sealedRunsOf(agreement) !== by) return count;
    const sealed = await database
      .selectFrom('sealed_run')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('agreement', '=', hash)
      .where('opened_at', '>=', moment)
      .executeTakeFirstOrThrow();
    return count + sealed.count;
  };
  return { day: await since(today), month: await since(today.slice(0, 7)), term: await since('') };
}

/**
 * Holds that what an organisation starts is within its quota. In the transaction that makes a run count, with that run counted already: so of any number
 * at the same time no more than the quota open. Throws `agreement-limit`.
 * @param counted whether the run that is asked for is among those in the database
 */
export async function requireQuota(
  database: Database,
  known: Known,
  by: string,
  { now, counted }: { readonly now: Date; readonly counted: boolean },
): Promise<void> {
  const { agreement } = known;
  const limits = agreement.quota?.[by];
  if (limits === undefined) return;
  const used = await runsUsed(database, known, by, now);
  const before = counted ? 1 : 0;
  const reached = outsideQuota(limits, {
    day: used.day - before,
    month: used.month - before,
    term: used.term - before,
  });
  if (reached === undefined) return;
  throw fault('agreement-limit', `${by} has used all ${reached} (agreement "${agreement.title}")`, {
    culprit: by,
    hint: 'Wait for the next day or month, or agree on a higher quota.',
  });
}

/** {@link requireQuota} of a run that counts since this transaction, and whoever started it. */
export async function requireRunQuota(
  database: Database,
  agreements: Pick<AgreementStore, 'find'>,
  run: number,
  now: Date,
): Promise<void> {
  const { agreement: hash, initiator } = await database
    .selectFrom('run')
    .select(['agreement', 'initiator'])
    .where('id', '=', run)
    .executeTakeFirstOrThrow();
  const stored = await agreements.find(hash);
  if (stored !== undefined && initiator !== null)
    await requireQuota(database, stored, initiator, { now, counted: true });
}

/** A grant, unless whoever asks has used its quota up: looked at before anything is done. @param counted as of {@link requireQuota} */
export async function withinQuota<Grant extends { readonly grant: true }>(
  { database, now }: { readonly database: Database; readonly now: () => Date },
  decision: Grant | PartyRefusal,
  stored: Pick<StoredAgreement, 'hash' | 'agreement'> | undefined,
  by: string,
  counted = false,
): Promise<Grant | PartyRefusal> {
  if (!decision.grant || stored === undefined) return decision;
  try {
    await requireQuota(database, stored, by, { now: now(), counted });
    return decision;
  } catch (error) {
    if (!(error instanceof SymbolonError) || error.code !== 'agreement-limit') throw error;
    return refuse(error.code, `${error.message}.`, by);
  }
}
