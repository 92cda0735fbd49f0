import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';
import { requireLive } from '../agreements/state.ts';
import type { PartyContext } from '../context.ts';
import { requireRunQuota } from '../market/quota.ts';
import type { Screen } from '../subjects/screen.ts';

/**
 * What a run holds of its agreement at the moments that count (PROTOCOLS §8: releases re-read version and revocation under lock). Each is in one
 * transaction with an entry of the log, as is every revocation: so one of the two was first, and everybody can see which.
 */
export interface LiveGate {
  /** With the signature of the masked data. @param opens whether the result can be opened from then on: the attempt counts, and is within the quota */
  signing(transaction: Transaction<DatabaseSchema>, opens: boolean): Promise<void>;
  /** Before the answer key is used. @param opens whether the session opens the result: then the log says that it does */
  releasing(session: string, opens: boolean): Promise<void>;
  /** With the result, once it is open. */
  keeping(transaction: Transaction<DatabaseSchema>): Promise<void>;
}

/**
 * @param run its number in this party's store
 * @param screens who takes no part in it, as its tables were read: whoever opts out while it runs ends it
 */
export function liveGate(
  { agreements, database, log, runs, now }: Pick<PartyContext, 'agreements' | 'database' | 'log' | 'runs' | 'now'>,
  agreement: string,
  run: number,
  screens: readonly Screen[],
): LiveGate {
  const live = async (transaction: Transaction<DatabaseSchema>): Promise<void> => {
    await requireLive(agreements.within(transaction), agreement);
    for (const screen of screens) await screen.requireCurrent(transaction);
  };
  return {
    async signing(transaction, opens) {
      await live(transaction);
      if (!opens) return;
      await runs.opened(run, transaction);
      // Counted now, so of runs at the same time no more than the quota pass.
      await requireRunQuota(transaction, agreements.within(transaction), run, now());
    },
    async releasing(session, opens) {
      if (opens) await log.append({ kind: 'result-opening', agreement, session }, live);
      else await database.transaction().execute(live);
    },
    keeping: live,
  };
}
