import { fault } from '@symbolon/crypto';
import type { AuditReport } from '@symbolon/party';
import {
  auditLog,
  type Database,
  type Home,
  type LogArchive,
  type LogAudit,
  newestCosignatures,
  openArchive,
  openDatabase,
  openHome,
  seenCheckpoints,
} from '@symbolon/service';
import { withOrganisation } from './organisation.ts';

/**
 * Verifies the whole log of an organisation or a key service, every epoch of it.
 * @param checkpoints signed notes of this log that others hold
 */
export async function verifyHome(path: string, checkpoints: readonly string[] = []): Promise<AuditReport> {
  const home = openHome(path);
  if (home.config.role === 'party') return withOrganisation(path, ({ audit }) => audit.verify(checkpoints));
  // A key service has no runs: its log is all there is.
  const { newest, earlier, faults } = await auditOf(home, checkpoints);
  return { ok: faults.length === 0, ...newest, earlier, statements: 0, unwitnessed: [], faults };
}

/** What is wrong with the log of an organisation or a key service, its entries and roots alone: one sentence each. */
export async function faultsOfLog(path: string): Promise<readonly string[]> {
  return (await auditOf(openHome(path), [])).faults;
}

function auditOf(home: Home, checkpoints: readonly string[]): Promise<LogAudit> {
  return withDatabase(home, (database) => auditLog({ home, database }, checkpoints));
}

/** Checkpoints of the log of `id` that this organisation has been shown, as signed notes. */
export function heldCheckpoints(path: string, id: string): Promise<string[]> {
  return withDatabase(openHome(path), (database) => seenCheckpoints(database, id));
}

/** Opens an epoch of the log of an organisation or a key service for one piece of work. */
export function withArchive<T>(
  path: string,
  work: (archive: LogArchive) => Promise<T>,
  epoch?: number | '',
): Promise<T> {
  const home = openHome(path);
  return withDatabase(home, async (database) => work(await openArchive(home, database, epoch || undefined)));
}

/** How far each partner has witnessed a log. */
export async function witnessesOfLog({
  home,
  database,
  log,
}: LogArchive): Promise<{ witness: string; size: number; at: string | null }[]> {
  const newest = new Map((await newestCosignatures(database, log.origin)).map((one) => [one.witness, one]));
  return home.partners.list().map(({ id }) => {
    const one = newest.get(id);
    return { witness: id, size: one?.size ?? 0, at: one?.cosigned_at ?? null };
  });
}

/** What events name a run by. Throws `not-found`. */
export function attemptOf(path: string, run: number): Promise<string[]> {
  return withDatabase(openHome(path), async (database) => {
    const row = Number.isSafeInteger(run)
      ? await database.selectFrom('run').select(['attempt', 'session']).where('id', '=', run).executeTakeFirst()
      : undefined;
    if (row === undefined) throw fault('not-found', `there is no run ${run}`);
    return [row.attempt, row.session].filter((name) => name !== null);
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
