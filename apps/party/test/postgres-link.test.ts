import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FrameSocket, homePaths, openDatabase } from '@symbolon/service';
import { onPostgres } from '@symbolon/testkit/databases';
import pg from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { recoverParty, requestLink } from '../src/index.ts';
import { RunStore } from '../src/link/runs.ts';
import { forkDying } from './dying.ts';
import { agree, quiet, type TestNetwork, testNetwork } from './network.ts';

onPostgres(({ cluster, url }) => {
  let network: TestNetwork;
  let child: ChildProcess | undefined;
  beforeEach(async () => {
    network = await testNetwork();
    await network.start();
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await network.close();
  });

  const ask = (agreement: string) => requestLink(network.homes.fred.path, { agreement });

  /** Sessions that the key service has issued, and those that each party has burned. */
  async function sessions(): Promise<Record<'issued' | 'fred' | 'sally', string[]>> {
    const ids = async (role: 'fred' | 'sally' | 'keys', table: 'issued_session' | 'burned_session') => {
      const database = await openDatabase(network.homes[role]);
      const rows = await database.selectFrom(table).select('id').orderBy('id').execute();
      await database.destroy();
      return rows.map(({ id }) => id);
    };
    return {
      issued: await ids('keys', 'issued_session'),
      fred: await ids('fred', 'burned_session'),
      sally: await ids('sally', 'burned_session'),
    };
  }

  test('two parties and a key service link with all they keep in one PostgreSQL', async () => {
    const agreement = await agree(network);
    expect(await ask(agreement)).toMatchObject({ state: 'done', details: { matches: 5 } });
    const { issued, fred, sally } = await sessions();
    expect(issued.length).toBeGreaterThan(0);
    expect([fred, sally]).toEqual([issued, issued]);
    for (const home of Object.values(network.homes)) expect(existsSync(homePaths(home.path).database)).toBe(false);
    for (const side of [network.fred, network.sally]) {
      expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1 });
    }
  });

  test.each([
    ['sally', 8, 'peer-gone'],
    ['keys', '/answer', 'keyservice-down'],
  ] as const)('%s killed in mid-run (%s): no session is used twice', async (role, at, code) => {
    const agreement = await agree(network);
    const dying = await forkDying(network, role, at);
    child = dying.child;
    await expect(ask(agreement)).rejects.toMatchObject({ code, culprit: role });
    await dying.died;
    const before = await sessions();
    expect(before.sally.length).toBeGreaterThan(0);
    await network.start();
    expect(await ask(agreement)).toMatchObject({ state: 'done', details: { matches: 5 } });
    const after = await sessions();
    for (const who of ['fred', 'sally'] as const) {
      expect(after[who]).toEqual(expect.arrayContaining(before[who]));
      expect(after[who].length).toBe(before[who].length * 2);
      expect(after.issued).toEqual(expect.arrayContaining(after[who]));
    }
    for (const side of [network.fred, network.sally]) {
      expect(await side(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1 });
    }
  });

  test('that a run has failed is recorded when the database is back', async () => {
    await network.stop('fred');
    const database = await openDatabase(network.homes.fred, { serves: true });
    onTestFinished(() => database.destroy());
    const agreement = { hash: 'h', title: 't', predecessor: null, document: new Uint8Array(), added_at: 'now' };
    await database.insertInto('agreement').values(agreement).execute();
    const runs = new RunStore(database, () => new Date());
    const id = await runs.start('h', 'one');
    cluster().halt();
    await runs.failed(id, new Error('x'));
    cluster().start();
    const recorded = { state: 'failed', error: 'internal' };
    await vi.waitFor(async () => expect(await runs.show(id)).toMatchObject(recorded));
  });

  /** Runs statements as the database's owner. */
  async function administer(...statements: string[]): Promise<void> {
    const client = new pg.Client(url());
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  test('a run outlives a restart of the database', async () => {
    const agreement = await agree(network);
    const send = FrameSocket.prototype.send;
    let frames = 0;
    const spy = vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (this: FrameSocket, bytes) {
      // While both evaluate: by then sessions are burned, and no result is kept yet.
      if (frames++ === 20) {
        cluster().halt();
        cluster().start();
      }
      return send.call(this, bytes);
    });
    onTestFinished(() => spy.mockRestore());
    expect(await ask(agreement)).toMatchObject({ state: 'done', details: { matches: 5 } });
    expect(frames).toBeGreaterThan(20);
    expect(await network.fred(({ audit }) => audit.verify())).toMatchObject({ ok: true, statements: 1 });
  });

  test('a run whose statement was lost ends by name; the next one works', async () => {
    const agreement = await agree(network);
    const holder = new pg.Client(url());
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE symbolon_fred.burned_session');
    const asked = ask(agreement).catch((error: unknown) => error);
    const waiting = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await vi.waitFor(async () => expect((await holder.query(waiting)).rowCount).toBe(1));
    expect(await asked).toMatchObject({ code: 'database-unavailable', culprit: new URL(url()).host });
    await holder.end();
    expect(await ask(agreement)).toMatchObject({ state: 'done', details: { matches: 5 } });
    const runs = await network.fred(({ links }) => links.list());
    expect(runs.map(({ state, error }) => [state, error?.split(':')[0]])).toEqual([
      ['failed', 'database-unavailable'],
      ['done', undefined],
    ]);
  });

  /** For each table of fred. */
  const each = (statement: (table: string) => string) => `DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'symbolon_fred' LOOP
      EXECUTE ${statement('name')};
    END LOOP; END $$`;

  test('a database that was put back is not served, but in a new epoch', async () => {
    const agreement = await agree(network);
    await ask(agreement);
    await network.stop('fred');
    await administer(
      'CREATE SCHEMA backup',
      each((name) => `format('CREATE TABLE backup.%I AS TABLE symbolon_fred.%I', ${name}, ${name})`),
    );
    await network.start();
    await ask(agreement);
    await network.stop('fred');
    // What refers to what is as it was then.
    await administer(
      'SET session_replication_role = replica',
      each((name) => `format('DELETE FROM symbolon_fred.%I', ${name})`),
      each((name) => `format('INSERT INTO symbolon_fred.%I TABLE backup.%I', ${name}, ${name})`),
    );
    await expect(network.start()).rejects.toMatchObject({ code: 'store-behind' });
    const survey = { homePath: network.homes.fred.path, logger: quiet, now: () => new Date(), offline: false };
    expect(await recoverParty({ ...survey, confirm: async () => true })).toMatchObject({ epoch: 2 });
    await network.start();
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'agreement-limit' });
    expect(await network.fred(({ audit }) => audit.verify())).toMatchObject({ ok: true, epoch: 2 });
  });
});
