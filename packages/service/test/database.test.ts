import { statSync } from 'node:fs';
import { hex, insecureTestRng } from '@symbolon/crypto';
import { Log, type LogStore, MemoryLogStore, verifyLog } from '@symbolon/ledger';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type Database,
  DatabaseLogStore,
  type Home,
  homePaths,
  isDuplicate,
  isFull,
  logOrigin,
  openDatabase,
  openDatabaseFile,
  openServerLog,
  parseLogCheckpoint,
  seenCheckpoint,
  witnessCheckpoint,
} from '../src/index.ts';
import { migrations } from '../src/migrations/index.ts';
import { quiet, testHome } from './homes.ts';

const pragmaOf = (database: Database, text: string) => sql.raw(`PRAGMA ${text}`).execute(database);

async function opened(home: Home): Promise<Database> {
  const database = await openDatabase(home);
  onTestFinished(() => database.destroy());
  return database;
}

describe('the database', () => {
  test('a transaction for which there is no room fails whole; what follows in it is not done outside of it', async () => {
    const database = await opened(await testHome('fred'));
    const pragma = (text: string) => pragmaOf(database, text);
    const { rows } = await pragma('page_count');
    const session = (id: string) => ({
      id,
      agreement: 'a'.repeat(500),
      attempt: 't',
      burned_at: '2026-11-22T00:00:00Z',
    });
    const kept = () => database.selectFrom('burned_session').select('id').execute();
    await pragma(`max_page_count = ${(rows[0] as { page_count: number }).page_count}`);
    const failed = await database
      .transaction()
      .execute(async (transaction) => {
        const errors: unknown[] = [];
        for (let i = 0; i < 500 && errors.length === 0; i++) {
          await transaction
            .insertInto('burned_session')
            .values(session(`first ${i}`))
            .execute()
            .catch((error) => errors.push(error));
        }
        await pragmaOf(transaction, 'max_page_count = 100000').catch((error) => errors.push(error));
        const after = transaction.insertInto('burned_session').values(session('after')).execute();
        await after.catch((error) => errors.push(error));
        expect(errors).toHaveLength(3);
        expect(errors.every(isFull)).toBe(true);
        throw errors[0];
      })
      .catch((error) => error);
    expect(isFull(failed)).toBe(true);
    expect(await kept()).toEqual([]);
    await pragma('max_page_count = 100000');
    await database.transaction().execute(async (transaction) => {
      await transaction.insertInto('burned_session').values(session('later')).execute();
    });
    expect(await kept()).toEqual([{ id: 'later' }]);
  });

  test('syncs every commit, is the owner’s alone and keeps what was written', async () => {
    const home = await testHome('fred');
    const first = await openDatabase(home);
    const pragma = async (name: string) =>
      (await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(first)).rows[0];
    expect(await pragma('journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(await pragma('synchronous')).toEqual({ synchronous: 2 });
    expect(await pragma('foreign_keys')).toEqual({ foreign_keys: 1 });
    const burned = { id: 's', agreement: 'a', attempt: 't', burned_at: '2026-11-22T00:00:00Z' };
    await first.insertInto('burned_session').values(burned).execute();
    await first.destroy();
    expect(statSync(homePaths(home.path).database).mode & 0o777).toBe(0o600);
    const second = await opened(home);
    expect(await second.selectFrom('burned_session').selectAll().execute()).toEqual([burned]);
    const again = await second
      .insertInto('burned_session')
      .values(burned)
      .execute()
      .catch((error: unknown) => error);
    expect(isDuplicate(again)).toBe(true);
  });

  test('of a key service has no table for data', async () => {
    const database = await openDatabaseFile(':memory:', 'keyservice');
    const tables = (await database.introspection.getTables()).map(({ name }) => name);
    const ofPeople = ['account', 'account_device', 'account_role', 'account_session', 'passkey', 'setup_code'];
    expect(tables.sort()).toEqual(
      [
        ...ofPeople,
        'answered_request',
        'checkpoint',
        'checkpoint_claim',
        'cosignature',
        'issued_session',
        'log_entry',
      ].sort(),
    );
    await database.destroy();
  });
});

describe('a log in a database', () => {
  test('from before there were epochs is taken over as the first', async () => {
    const home = await testHome('fred');
    const now = await openDatabaseFile(':memory:', 'party');
    const log = await openServerLog(home, now);
    for (const n of [1, 2, 3]) await log.append({ kind: 'test', n });
    const entries = await now.selectFrom('log_entry').select(['index', 'entry', 'event', 'salt']).execute();
    await now.destroy();
    const steps = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0004'));
    const old = await openDatabaseFile(homePaths(home.path).database, 'party', steps);
    for (const { index, entry, event, salt } of entries) {
      await sql`INSERT INTO log_entry VALUES (${index}, ${entry}, ${event}, ${salt})`.execute(old);
    }
    await old.destroy();
    expect((await openServerLog(home, await opened(home))).checkpoint()).toBe(log.checkpoint());
  });
});

onBothDatabases(() => {
  test('undoes a transaction that throws, while others wait their turn', async () => {
    const database = await openDatabase(await testHome('fred'));
    const row = (id: string) => ({ id, agreement: 'a', attempt: 't', burned_at: 'now' });
    const outcomes = await Promise.allSettled(
      ['x', 'y', 'x', 'z'].map((id) =>
        database.transaction().execute(async (transaction) => {
          await transaction
            .insertInto('burned_session')
            .values(row(`${id}-first`))
            .execute();
          await transaction.insertInto('burned_session').values(row(id)).execute();
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await database.selectFrom('burned_session').select('id').execute()).toHaveLength(6);
    await database.destroy();
  });

  test('lets transactions follow one another, those of other processes too', async () => {
    const home = await testHome('fred');
    const most = 5;
    const databases = [await opened(home), await opened(home), await opened(home)];
    const take = (database: Database, id: string) =>
      database.transaction().execute(async (transaction) => {
        const taken = await transaction.selectFrom('burned_session').select('id').execute();
        if (taken.length >= most) return;
        await transaction
          .insertInto('burned_session')
          .values({ id, agreement: 'a', attempt: 't', burned_at: 'now' })
          .execute();
      });
    await Promise.all(Array.from({ length: 30 }, (_, i) => take(databases[i % 3]!, `${i}`)));
    expect(await databases[0]!.selectFrom('burned_session').select('id').execute()).toHaveLength(most);
  });

  describe('a log', () => {
    test.each([
      ['memory', async () => new MemoryLogStore()],
      ['database', async () => new DatabaseLogStore(await opened(await testHome('fred')))],
    ])('in %s: appends in order, one of two writers wins', async (_, make) => {
      const store = await make();
      const record = { entry: new Uint8Array(32).fill(1), event: Uint8Array.of(2), salt: new Uint8Array(32) };
      expect(await store.size()).toBe(0);
      const append = (first: number) => (store as LogStore<unknown>).append(first, [{ record }]);
      expect(await append(0)).toEqual([{ index: 0 }]);
      await expect(append(0)).rejects.toMatchObject({ code: 'conflict' });
      await expect(append(2)).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.size()).toBe(1);
      expect(await store.entry(0)).toEqual(record);
      await expect(store.entry(1)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('a state change and its entry stand or fall together, and one refused takes no other with it', async () => {
      const home = await testHome('fred');
      const database = await opened(home);
      const log = await openServerLog(home, database);
      const origins = async () =>
        (await database.selectFrom('checkpoint').select(['origin', 'size']).orderBy('size').execute()).map(
          ({ origin, size }) => `${origin} ${size}`,
        );
      const keep = (origin: string, failure?: Error) =>
        log.append({ kind: 'test', origin }, async (transaction, index) => {
          await transaction.insertInto('checkpoint').values({ origin, size: index, note: '' }).execute();
          if (failure !== undefined) throw failure;
        });
      const settled = await Promise.allSettled([
        keep('a'),
        log.append({ kind: 'test', plain: 1 }),
        keep('b', new Error('refused')),
        keep('a'),
        log.append({ kind: 'test', plain: 2 }),
        keep('c'),
      ]);
      expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
        0,
        1,
        'refused',
        expect.stringMatching(/UNIQUE|23505/),
        2,
        3,
      ]);
      expect(await origins()).toEqual(['a 0', 'c 3']);
      expect(await verifyLog(log.store, [parseLogCheckpoint(home.card, log.checkpoint())])).toMatchObject({ ok: true });
      expect(log.size).toBe(4);
      // Another process was first: the state change is made again, and once.
      const other = await openServerLog(home, database);
      await other.append({ kind: 'test' });
      expect(await keep('d')).toBe(5);
      expect(await origins()).toEqual(['a 0', 'c 3', 'd 5']);
    });

    test('goes on after a restart', async () => {
      const home = await testHome('fred');
      const before = await openDatabase(home);
      const first = await openServerLog(home, before);
      await Promise.all([1, 2, 3].map((n) => first.append({ kind: 'test', n })));
      const note = first.checkpoint();
      await before.destroy();
      const second = await openServerLog(home, await opened(home));
      expect(second.size).toBe(3);
      expect(second.checkpoint()).toBe(note);
      expect(await verifyLog(second.store, [])).toMatchObject({ ok: true, size: 3 });
    });

    test('is witnessed: a log that extends passes, one that forgets, forks or is signed by another does not', async () => {
      const [fred, mallory] = [await testHome('fred'), await testHome('mallory')];
      const keys = await testHome('keys', 'keyservice');
      const database = await opened(keys);
      const server = { database, log: await openServerLog(keys, database), logger: quiet };
      const rng = insecureTestRng(1);
      const log = await Log.open(logOrigin('fred'), new MemoryLogStore());
      const fork = await Log.open(logOrigin('fred'), new MemoryLogStore());
      const show = (from: number, of = log, key = fred.logKey) =>
        witnessCheckpoint(server, fred.card, { note: of.checkpoint(key), from, proof: of.consistencyProof(from) });
      expect(await seenCheckpoint(database, fred.card)).toBe(null);
      await show(0);
      for (const n of [1, 2, 3]) await log.append({ kind: 'test', n }, rng(32));
      for (const n of [1, 2, 4, 5]) await fork.append({ kind: 'test', n }, rng(32));
      await show(0);
      await show(3);
      expect(await seenCheckpoint(database, fred.card)).toBe(log.checkpoint(fred.logKey));
      await log.append({ kind: 'test', n: 4 }, rng(32));
      await expect(show(0)).rejects.toMatchObject({ code: 'conflict', culprit: 'fred' });
      await expect(show(3, fork)).rejects.toMatchObject({ code: 'log-inconsistent', culprit: 'fred' });
      await expect(show(3, log, mallory.logKey)).rejects.toMatchObject({ code: 'bad-signature', culprit: 'fred' });
      const young = await Log.open(logOrigin('fred'), new MemoryLogStore());
      await expect(show(0, young)).rejects.toMatchObject({ code: 'log-inconsistent' });
      await show(3);
      expect(hex(log.root(4))).not.toBe(hex(fork.root(4)));
    });
  });
});
