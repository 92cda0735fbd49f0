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

/** Links and studies of an agreement that an organisation started and that may have opened their result, by the own clock. */
export async function runsUsed(database: Database, agreement: string, by: string, now: Date): Promise<RunsUsed> {
  const today = now.toISOString().slice(0, 10);
  const since = async (moment: string): Promise<number> => {
    const { count } = await database
      .selectFrom('run')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('agreement', '=', agreement)
      .where('initiator', '=', by)
      .where('opened_at', '>=', moment)
      .executeTakeFirstOrThrow();
    return count;
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
  { hash, agreement }: { readonly hash: string; readonly agreement: Pick<Agreement, 'quota' | 'title'> },
  by: string,
  { now, counted }: { readonly now: Date; readonly counted: boolean },
): Promise<void> {
  const limits = agreement.quota?.[by];
  if (limits === undefined) return;
  const used = await runsUsed(database, hash, by, now);
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

/** A grant, unless whoever asks has used its quota up: looked at before anything is done. */
export async function withinQuota<Grant extends { readonly grant: true }>(
  { database, now }: { readonly database: Database; readonly now: () => Date },
  decision: Grant | PartyRefusal,
  stored: Pick<StoredAgreement, 'hash' | 'agreement'> | undefined,
  by: string,
): Promise<Grant | PartyRefusal> {
  if (!decision.grant || stored === undefined) return decision;
  try {
    await requireQuota(database, stored, by, { now: now(), counted: false });
    return decision;
  } catch (error) {
    if (!(error instanceof SymbolonError) || error.code !== 'agreement-limit') throw error;
    return refuse(error.code, `${error.message}.`, by);
  }
}
