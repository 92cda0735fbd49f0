import type { Card } from '@symbolon/agreement';
import { fault, SymbolonError } from '@symbolon/crypto';
import { verifyConsistency } from '@symbolon/ledger';
import { z } from 'zod';
import type { Database } from './database.ts';
import { epochOf, type LogCheckpoint, logOrigin, parseLogCheckpoint, type ServerLog } from './log.ts';
import type { Logger } from './logging.ts';
import { type Route, route } from './route.ts';

/** Longest checkpoint that is taken, in characters. */
export const maxNoteLength = 2048;

/** A checkpoint of a partner's log, and the proof that it extends the one of size `from`. */
export interface ShownCheckpoint {
  /** Signed note. */
  readonly note: string;
  /** Entries of the checkpoint of the same epoch that this one was last shown here; 0 if none. */
  readonly from: number;
  readonly proof: readonly Uint8Array[];
}

/** The newest checkpoint of an organisation's log that was accepted here, a signed note; null if none. */
export async function seenCheckpoint(database: Database, { id }: Pick<Card, 'id'>): Promise<string | null> {
  return (await seenCheckpoints(database, id)).at(-1) ?? null;
}

/** The last checkpoint of each epoch of the log of `id` that is kept here, the oldest first. */
export async function seenCheckpoints(database: Database, id: string): Promise<string[]> {
  const rows = await database
    .selectFrom('checkpoint')
    .select(['origin', 'note'])
    .where(({ or, eb }) => or([eb('origin', '=', logOrigin(id)), eb('origin', 'like', `${logOrigin(id)}/%`)]))
    .execute();
  const epoch = ({ origin }: { origin: string }): number => epochOf(origin, id) ?? 0;
  return rows.toSorted((a, b) => epoch(a) - epoch(b)).map(({ note }) => note);
}

/**
 * Accepts a checkpoint of an organisation's log if its log key signed it and it extends the last one accepted here, or begins a newer
 * epoch, which is logged; then keeps it, durably. Throws `log-inconsistent`, `bad-signature`, `bad-document`, or `conflict` where
 * `from` is not what was last accepted.
 */
export async function witnessCheckpoint(
  { database, log, logger }: { database: Database; log: Pick<ServerLog, 'append'>; logger: Logger },
  card: Card,
  shown: ShownCheckpoint,
): Promise<LogCheckpoint> {
  const checkpoint = parsed(card, shown.note);
  const { origin, epoch, size } = checkpoint;
  const last = await database.transaction().execute(async (transaction) => {
    const note = await seenCheckpoint(transaction, card);
    const seen = note === null ? undefined : parsed(card, note);
    requireSuccessor(card, seen, checkpoint, shown);
    await requireNoFork(transaction, card, origin);
    await transaction
      .insertInto('checkpoint')
      .values({ origin, size, note: shown.note })
      .onConflict((conflict) => conflict.column('origin').doUpdateSet({ size, note: shown.note }))
      .execute();
    return seen;
  });
  if (last !== undefined && last.epoch < epoch) {
    const before = { epoch: last.epoch, size: last.size };
    logger.warn(
      { partner: card.id, epoch, before },
      'a partner opened a new epoch of its log: its store was recovered',
    );
    await log.append({ kind: 'partner-epoch', partner: card.id, epoch, before });
  }
  return checkpoint;
}

/** Throws `log-inconsistent` if this log is known to have two pasts (`claims.ts`). A new epoch of it begins another. */
export async function requireNoFork(database: Database, card: Card, origin: string): Promise<void> {
  const row = await database
    .selectFrom('checkpoint_claim')
    .select('size')
    .where('origin', '=', origin)
    .where('forked', '=', 1)
    .limit(1)
    .executeTakeFirst();
  if (row !== undefined) throw forked(card);
}

/** The error of a log that has two pasts. */
export function forked(card: Card): SymbolonError {
  return inconsistent(card, `the log of ${card.id} has two pasts: others were shown another one`);
}

function requireSuccessor(card: Card, seen: LogCheckpoint | undefined, next: LogCheckpoint, shown: ShownCheckpoint) {
  const { id } = card;
  if (seen !== undefined && next.epoch < seen.epoch) {
    throw inconsistent(card, `${id} shows epoch ${next.epoch} of its log, but showed epoch ${seen.epoch} before`);
  }
  if (next.epoch > 1 && next.size === 0) throw inconsistent(card, `epoch ${next.epoch} of the log of ${id} is empty`);
  const last = seen?.epoch === next.epoch ? seen : undefined;
  const before = last?.size ?? 0;
  if (before > next.size) {
    throw inconsistent(card, `the log of ${id} has ${next.size} entries, but showed ${before} before`);
  }
  if (shown.from !== before) {
    throw fault('conflict', `the log of ${id} was last seen here with ${before} entries, not ${shown.from}`, {
      culprit: id,
      hint: 'Ask again with a proof from that size.',
    });
  }
  if (last !== undefined && !verifyConsistency(before, last.root, next.size, next.root, [...shown.proof])) {
    throw inconsistent(card, `the log of ${id} does not extend what it showed at ${before} entries`);
  }
}

function parsed(card: Card, note: string): LogCheckpoint {
  try {
    return parseLogCheckpoint(card, note);
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, error.message, { culprit: card.id, cause: error });
  }
}

function inconsistent(card: Card, message: string): SymbolonError {
  return fault('log-inconsistent', message, { culprit: card.id });
}

/** Where a partner asks what is held here of its log, and what it is answered. */
export const seenPath = '/v1/log/seen';
/** The note itself, not a claim about it: nobody but the log's owner can have signed it. Null if none is held. */
export const seenAnswer = z.strictObject({ note: z.string().min(1).max(maxNoteLength).nullable() });

/** Tells a partner what is held here of its log. */
export function seenRoute(database: Database): Route<Card> {
  return route<Card>()({
    method: 'GET',
    path: seenPath,
    bodyLimit: 1,
    handle: async ({ caller }) => ({ note: await seenCheckpoint(database, caller) }),
  });
}
