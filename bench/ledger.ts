import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, systemRng } from '@symbolon/crypto';
import { Log, parseCheckpoint, verifyLog } from '@symbolon/ledger';
import { DatabaseLogStore, openDatabaseFile } from '@symbolon/service';
import { type Row, row, rowAtLeast } from './row.ts';

const origin = 'symbolon/bench';
const entries = 1_000_000;
const callers = 1024;

/** A log in an SQLite file, every commit synced to the disk: appends by many callers at once, by one, then the whole log verified. */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-bench-'));
  const database = await openDatabaseFile(join(folder, 'symbolon.db'), 'party');
  try {
    const store = new DatabaseLogStore(database);
    const log = await Log.open(origin, store);
    const alone = 200;
    const one = await seconds(async () => {
      for (let n = 0; n < alone; n++) await log.append(event(n), systemRng(32));
    });
    const many = await seconds(() => appendAtOnce(log));
    const key = generateSigningKey(systemRng);
    const checkpoint = parseCheckpoint(log.checkpoint(key), origin, key.publicKey);
    const opened = await seconds(async () => void (await Log.open(origin, store)));
    const verified = await seconds(async () => {
      const verdict = await verifyLog(store, [checkpoint]);
      if (!verdict.ok) throw new Error(verdict.reason);
    });
    const peak = process.resourceUsage().maxRSS / 1024;
    return [
      rowAtLeast('ledger', `appends, ${callers} callers at once`, entries, entries / many, '/s', 10_000),
      row('ledger', 'appends, one after the other', alone, alone / one, '/s'),
      row('ledger', 'open', entries, opened, 's'),
      row('ledger', 'verify', entries, verified, 's', 5),
      row('ledger', 'memory, most at any time', entries, peak, 'MiB', 1024),
    ];
  } finally {
    await database.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function appendAtOnce(log: { append(event: unknown, salt: Uint8Array): Promise<number> }): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let n = next++; n < entries; n = next++) await log.append(event(n), systemRng(32));
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
