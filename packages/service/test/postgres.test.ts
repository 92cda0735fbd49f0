import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SymbolonError, systemRng } from '@symbolon/crypto';
import { verifyLog } from '@symbolon/ledger';
import { onPostgres } from '@symbolon/testkit/databases';
import { postgresIsHere, startPostgres } from '@symbolon/testkit/postgres';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { placeOf } from '../src/database-place.ts';
import {
  type Database,
  type DatabaseOptions,
  type Home,
  homePaths,
  openDatabase,
  openHome,
  openServerLog,
} from '../src/index.ts';
import { migrations } from '../src/migrations/index.ts';
import { lockOf } from '../src/postgres/holder.ts';
import { openPostgres } from '../src/postgres/open.ts';
import { clientConfig } from '../src/postgres/settings.ts';
import { testHome } from './homes.ts';

async function opened(home: Home, options?: DatabaseOptions): Promise<Database> {
  const database = await openDatabase(home, options);
  onTestFinished(() => database.destroy());
  return database;
}

async function administer(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const killSessions = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'symbolon'";

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as Error,
  );

const burned = (id: string) => ({ id, agreement: 'a', attempt: 't', burned_at: '2026-11-22T00:00:00Z' });

describe('where the database is', () => {
  const url = 'postgres://fred:hush@db.example/symbolon';

  test('embedded, unless the environment names another', async () => {
    const home = await testHome('fred');
    expect(placeOf(home, {})).toEqual({ kind: 'embedded', file: homePaths(home.path).database });
    expect(placeOf(home, { DATABASE_URL: '' })).toMatchObject({ kind: 'embedded' });
    const namespace = 'symbolon_fred';
    expect(placeOf(home, { DATABASE_URL: url })).toEqual({
      kind: 'postgresql',
      url,
      variable: 'DATABASE_URL',
      namespace,
    });
    const { id } = home.config;
    const named = { path: home.path, config: { ...home.config, id, database: { environment: 'FRED_DB' } } };
    expect(placeOf(named, { FRED_DB: url, DATABASE_URL: 'x' })).toMatchObject({ url, variable: 'FRED_DB' });
    expect(() => placeOf(named, { DATABASE_URL: url })).toThrow(/FRED_DB is not set/);
    const embedded = { path: home.path, config: { ...home.config, database: 'embedded' as const } };
    expect(placeOf(embedded, { DATABASE_URL: url })).toMatchObject({ kind: 'embedded' });
  });

  test('an embedded one that was used is not forgotten', async () => {
    const home = await testHome('fred');
    await (await openDatabase(home)).destroy();
    const error = await failure((async () => placeOf(home, { DATABASE_URL: url }))());
    expect(error).toMatchObject({
      code: 'conflict',
      culprit: 'DATABASE_URL',
      hint: expect.stringMatching(/store copy/),
    });
    expect(JSON.stringify(error)).not.toContain('hush');
  });

  test('symbolon.json names the variable and never the URL', async () => {
    const { path } = await testHome('fred');
    const file = homePaths(path).config;
    const config = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...config, database: { environment: 'FRED_DB' } }), { mode: 0o600 });
    expect(openHome(path).config.database).toEqual({ environment: 'FRED_DB' });
    writeFileSync(file, JSON.stringify({ ...config, database: { environment: url } }), { mode: 0o600 });
    expect(() => openHome(path)).toThrow(/database.environment: must be like/);
  });

  test.each([
    ['postgres://db.example/x', 'verify-full'],
    ['postgres://db.example/x?sslmode=require', 'verify-full'],
    ['postgres://db.example/x?sslmode=no-verify', 'no-verify'],
    ['postgres://db.example/x?sslmode=disable', 'disable'],
    ['postgres://127.0.0.1/x', null],
    ['postgres:///x?host=/var/run/postgresql', null],
    ['postgres:///x?host=db.example', 'verify-full'],
    ['postgres://127.0.0.1/x?host=db.example', 'verify-full'],
  ])('%s: sslmode %s', (url, mode) => {
    const { connectionString } = clientConfig({ url, variable: 'DATABASE_URL', namespace: 'n' });
    expect(new URL(connectionString!).searchParams.get('sslmode')).toBe(mode);
  });

  test.each(['nonsense', 'mysql://u:hush@db.example/x', 'postgres://u:hush@db.example', 'postgres://u:hu sh@:x:/y'])(
    'is not %s',
    (url) => {
      try {
        clientConfig({ url, variable: 'DATABASE_URL', namespace: 'n' });
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: 'config-invalid', culprit: 'DATABASE_URL' });
        expect(String(error)).not.toMatch(/hush|hu sh/);
      }
    },
  );

  test('a database that is down is named, its password is not', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://u:hush@127.0.0.1:1/x');
    onTestFinished(() => void vi.unstubAllEnvs());
    const home = await testHome('fred');
    const error = await failure(openDatabase(home));
    expect(error).toMatchObject({ code: 'database-unavailable', culprit: '127.0.0.1:1' });
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('hush');
    expect(existsSync(homePaths(home.path).postgres)).toBe(false);
  });
});

onPostgres(({ cluster, url }) => {
  test('one server at a time; other processes may write beside it', async () => {
    const home = await testHome('fred');
    const first = await openDatabase(home, { serves: true });
    await expect(openDatabase(home, { serves: true })).rejects.toMatchObject({ code: 'conflict' });
    const beside = await opened(home);
    await beside.insertInto('burned_session').values(burned('x')).execute();
    await first.destroy();
    await opened(home, { serves: true });
  });

  test('two organisations share a database; two of one name do not', async () => {
    const [fred, sally, other] = [await testHome('fred'), await testHome('sally'), await testHome('fred')];
    for (const home of [fred, sally]) {
      const database = await opened(home, { serves: true });
      await database.insertInto('burned_session').values(burned(home.config.id)).execute();
      expect(await database.selectFrom('burned_session').select('id').execute()).toEqual([{ id: home.config.id }]);
    }
    await expect(openDatabase(other)).rejects.toMatchObject({ code: 'conflict', culprit: 'DATABASE_URL' });
  });

  test('a home whose database is there is not started without it', async () => {
    const home = await testHome('fred');
    await (await openDatabase(home)).destroy();
    expect(() => placeOf(home, {})).toThrow(/is in PostgreSQL, and DATABASE_URL is not set/);
    expect(readFileSync(homePaths(home.path).postgres, 'utf8')).not.toContain('postgres://');
  });

  test('numbers, bytes, text and their order are what SQLite gives', async () => {
    const database = await opened(await testHome('fred'));
    const document = Uint8Array.of(0, 255, 7);
    const names = ['b', 'B', 'a~', 'ab', 'a', 'é', 'z', '_'];
    for (const hash of names) {
      await database
        .insertInto('agreement')
        .values({ hash, title: 't', predecessor: null, document, added_at: 'now' })
        .execute();
    }
    const rows = await database.selectFrom('agreement').selectAll().orderBy('hash').execute();
    expect(rows.map(({ hash }) => hash)).toEqual(['B', '_', 'a', 'ab', 'a~', 'b', 'z', 'é']);
    expect(rows[0]!.document).toStrictEqual(document);
    expect(rows[0]!.exhausted).toBe(0);
    const count = await database
      .selectFrom('agreement')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .execute();
    expect(count).toEqual([{ n: 8 }]);
    const dataset = { name: 'd', source: '', columns: '', rows: Number.MAX_SAFE_INTEGER, added_at: 'now' };
    await database.insertInto('dataset').values(dataset).execute();
    expect(await database.selectFrom('dataset').selectAll().execute()).toEqual([dataset]);
    const { numUpdatedRows } = await database.updateTable('dataset').set({ rows: 1 }).executeTakeFirstOrThrow();
    expect(numUpdatedRows).toBe(1n);
  });

  test('what a statement fails on is not in its error', async () => {
    const database = await opened(await testHome('fred'));
    await database.insertInto('burned_session').values(burned('very-secret')).execute();
    const twice = await failure(database.insertInto('burned_session').values(burned('very-secret')).execute());
    const wrong = await failure(
      database
        .insertInto('dataset')
        .values({ name: 'n', source: '', columns: '', rows: 'very-secret' as never, added_at: '' })
        .execute(),
    );
    expect([twice, wrong]).toMatchObject([{ code: '23505' }, { code: '22P02' }]);
    for (const error of [twice, wrong]) expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('very-secret');
  });

  test('what PostgreSQL does by itself would let more through than transactions that follow one another', async () => {
    const most = 5;
    const database = await opened(await testHome('fred'));
    const clients = await Promise.all([0, 1, 2].map(async () => new pg.Client(url())));
    await Promise.all(clients.map((client) => client.connect()));
    await Promise.all(clients.map((client) => client.query('SET search_path = symbolon_fred; BEGIN')));
    const found = await Promise.all(clients.map((client) => client.query('SELECT id FROM burned_session')));
    expect(found.map(({ rows }) => rows.length < most)).toEqual([true, true, true]);
    const values = (i: number) => [0, 1].map((j) => `('${i}-${j}', 'a', 't', 'now')`).join();
    await Promise.all(
      clients.map((client, i) => client.query(`INSERT INTO burned_session VALUES ${values(i)}; COMMIT`)),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect((await database.selectFrom('burned_session').select('id').execute()).length).toBeGreaterThan(most);
  });

  test('a statement that fails undoes its transaction, even where that goes on', async () => {
    const database = await opened(await testHome('fred'));
    await database.insertInto('burned_session').values(burned('x')).execute();
    const going = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('burned_session').values(burned('y')).execute();
      await transaction
        .insertInto('burned_session')
        .values(burned('x'))
        .execute()
        .catch(() => undefined);
    });
    await expect(going).rejects.toMatchObject({ code: 'internal' });
    expect(await database.selectFrom('burned_session').select('id').execute()).toEqual([{ id: 'x' }]);
  });

  test.each([
    ["ALTER ROLE postgres SET synchronous_commit = 'off'", /synchronous_commit is off/],
    ["ALTER ROLE postgres SET synchronous_commit = 'local'", /synchronous_commit is local/],
  ])('%s: it is not used', async (statement, words) => {
    await administer(cluster().url, statement);
    onTestFinished(() => administer(cluster().url, 'ALTER ROLE postgres RESET synchronous_commit'));
    await expect(openDatabase(await testHome('fred'))).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(words),
    });
  });

  test('a server goes on when the database is back, and its log lost nothing', async () => {
    const home = await testHome('fred');
    const database = await opened(home, { serves: true });
    const log = await openServerLog(home, database);
    const append = (n: number) => log.append({ kind: 'test', n });
    expect(await append(0)).toBe(0);
    cluster().halt();
    const waiting = append(1);
    await expect(database.selectFrom('log_entry').select('index').execute()).rejects.toMatchObject({
      code: 'database-unavailable',
      culprit: new URL(url()).host,
    });
    cluster().start();
    expect(await waiting).toBe(1);
    expect(await append(2)).toBe(2);
    expect(await verifyLog(log.store, [])).toMatchObject({ ok: true, size: 3 });
    await expect(openDatabase(home, { serves: true })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a statement that waits too long for another is given up, and the server stays the server', async () => {
    const home = await testHome('fred');
    const database = await opened(home, { serves: true });
    const holder = new pg.Client(url());
    await holder.connect();
    await holder.query('SET search_path = symbolon_fred; BEGIN; LOCK TABLE burned_session');
    await sql`SET lock_timeout = '200ms'`.execute(database);
    const write = () => database.insertInto('burned_session').values(burned('x')).execute();
    await expect(write()).rejects.toMatchObject({
      code: 'database-unavailable',
      message: expect.stringMatching(/was busy/),
    });
    await holder.query(
      `COMMIT; BEGIN; SELECT pg_advisory_xact_lock(${lockOf('writer', { namespace: 'symbolon_fred' })})`,
    );
    await expect(write()).rejects.toMatchObject({ message: expect.stringMatching(/was busy/) });
    await holder.query('COMMIT');
    await write();
    // The connection, and with it the lock of the server, is the same.
    const { rows } = await sql<{ kept: string }>`SELECT current_setting('lock_timeout') AS kept`.execute(database);
    expect(rows).toEqual([{ kept: '200ms' }]);
    await holder.end();
  });

  test('of a transaction that was cut off, nothing is left', async () => {
    const database = await opened(await testHome('fred'), { serves: true });
    const cut = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('burned_session').values(burned('x')).execute();
      cluster().halt();
      cluster().start();
      await transaction.insertInto('burned_session').values(burned('y')).execute();
    });
    await expect(cut).rejects.toMatchObject({ code: 'database-unavailable' });
    await database.insertInto('burned_session').values(burned('z')).execute();
    expect(await database.selectFrom('burned_session').select('id').execute()).toEqual([{ id: 'z' }]);
  });

  test('a connection that breaks between two statements of a new schema ends the start, not the process', async () => {
    const home = await testHome('fred');
    const { role } = home.config;
    const organisation = home.card.recoveryKey;
    const breaking = {
      for: [role],
      up: async () => {
        await administer(url(), killSessions);
        await sleep(200);
      },
    };
    const place = { url: url(), variable: 'DATABASE_URL', namespace: 'symbolon_fred' };
    const steps = { ...migrations, '9999-breaks': breaking };
    const opening = openPostgres({ place, role, organisation, serves: false, steps, rng: systemRng });
    expect(await failure(opening)).toMatchObject({ code: 'database-unavailable' });
    await opened(home);
  });

  test('a server that lost its connection, and another has come, writes nothing more', async () => {
    const home = await testHome('fred');
    const first = await opened(home, { serves: true });
    // Until the second one has the lock: the first tries to come back at once.
    const second = await (async () => {
      for (;;) {
        const next = openDatabase(home, { serves: true }).catch(() => undefined);
        await administer(url(), killSessions);
        const database = await next;
        if (database !== undefined) return database;
      }
    })();
    await second.destroy();
    const refused = await failure(first.insertInto('burned_session').values(burned('x')).execute());
    expect(refused).toBeInstanceOf(SymbolonError);
    expect(refused).toMatchObject({ code: 'conflict', message: expect.stringMatching(/another server/) });
  });
});

describe.skipIf(!postgresIsHere())('TLS to the database', () => {
  test('verifies the certificate', async () => {
    const fred = await testHome('fred');
    const { certificate, key } = fred.tls();
    const files = { 'server.crt': certificate, 'server.key': key };
    const settings = { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' };
    const cluster = await startPostgres(settings, files);
    onTestFinished(() => cluster.stop());
    onTestFinished(() => void vi.unstubAllEnvs());
    const authority = homePaths(fred.path).organisationCertificate;
    const other = homePaths((await testHome('sally')).path).organisationCertificate;
    const open = (parameters: string) => {
      vi.stubEnv('DATABASE_URL', `${cluster.url}?${parameters}`);
      return openDatabase(fred);
    };
    await expect(open('sslmode=require')).rejects.toMatchObject({ code: 'database-unavailable' });
    await expect(open(`sslmode=verify-full&sslrootcert=${other}`)).rejects.toMatchObject({
      code: 'database-unavailable',
    });
    await expect(open('sslmode=require&sslrootcert=/nowhere')).rejects.toMatchObject({ code: 'config-invalid' });
    const database = await open(`sslmode=verify-full&sslrootcert=${authority}`);
    await database.destroy();
    await (await open('sslmode=disable')).destroy();
  });
});
