import type { Card } from '@symbolon/agreement';
import { fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { type Checkpoint, parseCheckpoint, verifyConsistency } from '@symbolon/ledger';
import type { Database } from './database.ts';
import { logOrigin } from './log.ts';

/** A checkpoint of a partner's log, and the proof that it extends the one of size `from`. */
export interface ShownCheckpoint {
  /** Signed note. */
  readonly note: string;
  /** Entries of the checkpoint that this one was last shown here; 0 if none. */
  readonly from: number;
  readonly proof: readonly Uint8Array[];
}

/** Entries of the last checkpoint of this organisation's log that was accepted here; 0 if none. */
export async function seenLogSize(database: Database, { id }: Card): Promise<number> {
  return (await lastSeen(database, id))?.size ?? 0;
}

/**
 * Accepts a checkpoint of an organisation's log if its log key signed it and it extends the last one accepted here; then
 * keeps it, durably. Throws `log-inconsistent`, `bad-signature`, `bad-document`, or `conflict` where `from` is not what was last accepted.
 */
export async function witnessCheckpoint(database: Database, card: Card, shown: ShownCheckpoint): Promise<Checkpoint> {
  const origin = logOrigin(card.id);
  const checkpoint = parsed(card, shown.note);
  await database.transaction().execute(async (transaction) => {
    const last = await lastSeen(transaction, card.id);
    const before = last?.size ?? 0;
    if (before > checkpoint.size) {
      throw inconsistent(card, `the log of ${card.id} has ${checkpoint.size} entries, but showed ${before} before`);
    }
    if (shown.from !== before) {
      throw fault('conflict', `the log of ${card.id} was last seen here with ${before} entries, not ${shown.from}`, {
        culprit: card.id,
        hint: 'Ask again with a proof from that size.',
      });
    }
    const root = last === undefined ? undefined : parsed(card, last.note).root;
    if (root !== undefined && !verifyConsistency(before, root, checkpoint.size, checkpoint.root, [...shown.proof])) {
      throw inconsistent(card, `the log of ${card.id} does not extend what it showed at ${before} entries`);
    }
    await transaction
      .insertInto('checkpoint')
      .values({ origin, size: checkpoint.size, note: shown.note })
      .onConflict((conflict) => conflict.column('origin').doUpdateSet({ size: checkpoint.size, note: shown.note }))
      .execute();
  });
  return checkpoint;
}

function lastSeen(database: Pick<Database, 'selectFrom'>, id: string) {
  return database
    .selectFrom('checkpoint')
    .select(['size', 'note'])
    .where('origin', '=', logOrigin(id))
    .executeTakeFirst();
}

function parsed(card: Card, note: string): Checkpoint {
  try {
    return parseCheckpoint(note, logOrigin(card.id), fromBase64url(card.logKey));
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, error.message, { culprit: card.id, cause: error });
  }
}

function inconsistent(card: Card, message: string): SymbolonError {
  return fault('log-inconsistent', message, { culprit: card.id });
}
