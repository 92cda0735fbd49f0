import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homePaths, openDatabase } from '@symbolon/service';
import { onPostgres } from '@symbolon/testkit/databases';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requestLink } from '../src/index.ts';
import { forkDying } from './dying.ts';
import { agree, type TestNetwork, testNetwork } from './network.ts';

onPostgres(() => {
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
});
