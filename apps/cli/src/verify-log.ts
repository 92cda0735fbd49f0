import { base64url, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { type Checkpoint, parseCheckpoint, verifyLog } from '@symbolon/ledger';
import type { AuditReport } from '@symbolon/party';
import { type Database, type Home, logOrigin, openDatabase, openHome, openServerLog } from '@symbolon/service';
import { withOrganisation } from './organisation.ts';

/**
 * Verifies the whole log of an organisation or a key service.
 * @param checkpoints signed notes of this log that others hold
 */
export async function verifyHome(path: string, checkpoints: readonly string[] = []): Promise<AuditReport> {
  const home = openHome(path);
  if (home.config.role === 'party') return withOrganisation(path, ({ audit }) => audit.verify(checkpoints));
  return withDatabase(home, (database) => verifyKeyService(home, database, checkpoints));
}

/** Checkpoints of the log of `id` that this organisation has been shown, as signed notes. */
export async function heldCheckpoints(path: string, id: string): Promise<string[]> {
  return withDatabase(openHome(path), async (database) => {
    const rows = await database.selectFrom('checkpoint').select('note').where('origin', '=', logOrigin(id)).execute();
    return rows.map(({ note }) => note);
  });
}

async function withDatabase<T>(home: Home, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(home);
  try {
    return await work(database);
  } finally {
    await database.destroy();
  }
}

/** A key service has no runs: its log is all there is. */
async function verifyKeyService(home: Home, database: Database, checkpoints: readonly string[]): Promise<AuditReport> {
  const log = await openServerLog(home, database);
  const faults: string[] = [];
  const trusted: Checkpoint[] = [];
  for (const note of [log.checkpoint(), ...checkpoints]) {
    try {
      trusted.push(parseCheckpoint(note, log.origin, fromBase64url(home.card.logKey)));
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      faults.push(`a checkpoint: ${error.message}`);
    }
  }
  const verdict = await verifyLog(log.store, trusted);
  if (!verdict.ok) faults.push(`entries ${verdict.index} to ${verdict.until - 1}: ${verdict.reason}`);
  return {
    ok: faults.length === 0,
    entries: await log.store.size(),
    root: verdict.ok ? base64url(verdict.root) : null,
    erased: verdict.ok ? verdict.erased : [],
    statements: 0,
    faults,
  };
}
