import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRng } from '@symbolon/crypto';
import { verifyLog } from '@symbolon/ledger';
import {
  createHome,
  DatabaseLogStore,
  exportLog,
  logKeys,
  openArchive,
  openDatabaseFile,
  openServerLog,
  parseLogCheckpoint,
  type ServerLog,
  verifyLogFolder,
} from '@symbolon/service';
import { type Row, row, rowAtLeast } from './row.ts';

const entries = 1_000_000;
const callers = 1024;

/**
 * A server's log in an SQLite file, every commit synced to the disk: appends by many callers at once, by one, then the whole log verified, in the
 * database and as an auditor does, from files in which every event is disclosed.
 */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-bench-'));
  const place = { path: join(folder, 'home'), host: '127.0.0.1', port: 0, now: () => new Date() };
  const home = await createHome({ ...place, id: 'bench', name: 'Bench', role: 'party' });
  const database = await openDatabaseFile(join(folder, 'symbolon.db'), 'party');
  try {
    const log = await openServerLog(home, database, systemRng);
    const alone = 200;
    const one = await seconds(async () => {
      for (let n = 0; n < alone; n++) await log.append(event(n));
    });
    const many = await seconds(() => appendAtOnce(log));
    const checkpoint = parseLogCheckpoint(home.card, log.checkpoint());
    const opened = await seconds(async () => void (await openServerLog(home, database)));
    const verified = await seconds(async () => {
      const verdict = await verifyLog(new DatabaseLogStore(database), [checkpoint]);
      if (!verdict.ok) throw new Error(verdict.reason);
    });
    const peak = process.resourceUsage().maxRSS / 1024;
    const files = join(folder, 'log');
    await exportLog(await openArchive(home, database), files, 'all');
    const verifiedFiles = await seconds(async () => {
      const { ok, events, faults } = await verifyLogFolder(files, logKeys(home, log.origin));
      if (!ok || events !== log.size) throw new Error(faults.join(', '));
    });
    return [
      rowAtLeast('ledger', `appends, ${callers} callers at once`, entries, entries / many, '/s', 10_000),
      row('ledger', 'appends, one after the other', alone, alone / one, '/s'),
      row('ledger', 'open', entries, opened, 's'),
      row('ledger', 'verify', entries, verified, 's', 5),
      row('ledger', 'verify, from files that disclose every event', entries, verifiedFiles, 's'),
      row('ledger', 'memory, up to verification in the database', entries, peak, 'MiB', 1024),
    ];
  } finally {
    await database.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function appendAtOnce(log: Pick<ServerLog, 'append'>): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let n = next++; n < entries; n = next++) await log.append(event(n));
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** About as long as those that servers write. */
function event(n: number): { readonly kind: string; readonly [field: string]: unknown } {
  return { kind: 'link-begun', agreement: 'Jc3k9QvVtq0Z2m1nW8xY7uT6rE5wQ4aS3dF2gH1jK0l', attempt: `attempt ${n}` };
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
