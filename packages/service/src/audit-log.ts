import { base64url, SymbolonError } from '@symbolon/crypto';
import { verifyLog } from '@symbolon/ledger';
import { newestCosignatures, parseCosigned } from './cosignatures.ts';
import type { Database } from './database.ts';
import type { Home } from './home.ts';
import { DatabaseLogStore, type LogCheckpoint, parseLogCheckpoint } from './log.ts';
import { seenCheckpoints } from './witness.ts';

/** What the verification of one epoch of a log came to. */
export interface EpochAudit {
  readonly epoch: number;
  readonly entries: number;
  /** Root of the tree, base64url; null where the log is not sound. */
  readonly root: string | null;
  /** Entries whose event was erased. */
  readonly erased: readonly number[];
}

/** The outcome of {@link auditLog}. */
export interface LogAudit {
  /** The newest epoch. */
  readonly newest: EpochAudit;
  /** Those before it, the oldest first. */
  readonly earlier: readonly EpochAudit[];
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
}

/**
 * Verifies every epoch of a server's own log: each leaf against its event, the tree against the checkpoint that was signed last.
 * @param notes signed checkpoints of this log that others hold
 */
export async function auditLog(
  { home, database }: { home: Home; database: Database },
  notes: readonly string[],
): Promise<LogAudit> {
  const { card } = home;
  const faults: string[] = [];
  const trusted: LogCheckpoint[] = [];
  for (const note of [...(await seenCheckpoints(database, card.id)), ...notes]) {
    try {
      trusted.push(parseLogCheckpoint(card, note));
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      faults.push(`a checkpoint: ${error.message}`);
    }
  }
  trusted.push(...(await cosignedCheckpoints({ home, database }, faults)));
  const rows = await database.selectFrom('log_entry').select('epoch').distinct().orderBy('epoch').execute();
  // An epoch that is known by its checkpoint alone has lost all its entries.
  const epochs = new Set([...(rows.length === 0 ? [1] : []), ...[...rows, ...trusted].map(({ epoch }) => epoch)]);
  const audits: EpochAudit[] = [];
  for (const epoch of [...epochs].sort((a, b) => a - b)) {
    const store = new DatabaseLogStore(database, epoch);
    const verdict = await verifyLog(
      store,
      trusted.filter((checkpoint) => checkpoint.epoch === epoch),
    );
    const where = epochs.size > 1 ? `epoch ${epoch}, ` : '';
    if (!verdict.ok) faults.push(`${where}entries ${verdict.index} to ${verdict.until - 1}: ${verdict.reason}`);
    audits.push({
      epoch,
      entries: await store.size(),
      root: verdict.ok ? base64url(verdict.root) : null,
      erased: verdict.ok ? verdict.erased : [],
    });
  }
  return { newest: audits.at(-1)!, earlier: audits.slice(0, -1), faults };
}

/** The newest checkpoint of each epoch that each partner has cosigned: kept beside the log, it pins down what was changed since. */
async function cosignedCheckpoints(
  { home, database }: { home: Home; database: Database },
  faults: string[],
): Promise<LogCheckpoint[]> {
  const origins = await database.selectFrom('cosignature').select('origin').distinct().execute();
  const checkpoints: LogCheckpoint[] = [];
  for (const { origin } of origins) {
    for (const { witness, note } of await newestCosignatures(database, origin)) {
      const card = home.partners.find(witness);
      if (card === undefined) continue;
      try {
        checkpoints.push(parseCosigned(home.card, card, note).checkpoint);
      } catch (error) {
        if (!(error instanceof SymbolonError)) throw error;
        faults.push(`a cosigned checkpoint: ${error.message}`);
      }
    }
  }
  return checkpoints;
}
