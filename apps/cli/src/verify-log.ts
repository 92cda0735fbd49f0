import type { AuditReport } from '@symbolon/party';
import { auditLog, type Database, type Home, openDatabase, openHome, seenCheckpoints } from '@symbolon/service';
import { withOrganisation } from './organisation.ts';

/**
 * Verifies the whole log of an organisation or a key service, every epoch of it.
 * @param checkpoints signed notes of this log that others hold
 */
export async function verifyHome(path: string, checkpoints: readonly string[] = []): Promise<AuditReport> {
  const home = openHome(path);
  if (home.config.role === 'party') return withOrganisation(path, ({ audit }) => audit.verify(checkpoints));
  // A key service has no runs: its log is all there is.
  const { newest, earlier, faults } = await withDatabase(home, (database) => auditLog({ home, database }, checkpoints));
  return { ok: faults.length === 0, ...newest, earlier, statements: 0, faults };
}

/** Checkpoints of the log of `id` that this organisation has been shown, as signed notes. */
export function heldCheckpoints(path: string, id: string): Promise<string[]> {
  return withDatabase(openHome(path), (database) => seenCheckpoints(database, id));
}

async function withDatabase<T>(home: Home, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(home);
  try {
    return await work(database);
  } finally {
    await database.destroy();
  }
}
