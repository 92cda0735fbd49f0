import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Home, homePaths, openDatabase, openServerLog, recoverStore } from '@symbolon/service';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recoverParty, requestLink, startParty } from '../src/index.ts';
import { agree, quiet, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let agreement: string;
/** Puts the database of a server that is stopped back to before its last run. */
let restore: (name: 'fred' | 'keys') => void;

const ask = (hash = agreement) => requestLink(network.homes.fred.path, { agreement: hash });
const startFred = () => startParty({ homePath: network.homes.fred.path, logger: quiet });
const options = (home: Home, offline = false) => ({
  homePath: home.path,
  logger: quiet,
  now: () => new Date(),
  offline,
  confirm: async () => true,
});

beforeEach(async () => {
  network = await testNetwork();
  await network.start();
  agreement = await agree(network);
  await ask();
  const names = ['fred', 'keys'] as const;
  for (const name of names) await network.stop(name);
  const copies = new Map(names.map((name) => [name, readFileSync(homePaths(network.homes[name].path).database)]));
  restore = (name) => {
    const { database } = homePaths(network.homes[name].path);
    for (const rest of ['-wal', '-shm']) rmSync(database + rest, { force: true });
    writeFileSync(database, copies.get(name)!);
  };
  await network.start();
  await ask();
});
afterEach(() => network.close());

/** A new agreement of the same kind; data sets are there already. */
async function successor(): Promise<string> {
  const description = await network.sally(({ agreements }) => agreements.describe('patients'));
  const hash = await network.fred(async ({ agreements }) => {
    const drafted = await agreements.draft({
      title: 'Shared patients, once more',
      as: 'a',
      partner: 'sally',
      keyService: 'keys',
      dataset: 'members',
      partnerDataset: description,
      partnerKey: 'id',
      key: 'medicaid',
      rule: 'a.medicaid = b.medicaid',
      maxRows: 100,
      maxRuns: 1,
      predecessor: agreement,
      term: { from: '2020-01-01', until: '2099-12-31' },
    });
    await agreements.sign(drafted.hash);
    await agreements.send(drafted.hash);
    return drafted.hash;
  });
  await network.sally(async ({ agreements }) => {
    await agreements.sign(hash);
    await agreements.send(hash);
  });
  return hash;
}

describe('a party whose database was put back', () => {
  test.each([
    ['keys', 'sally'],
    ['sally', 'keys'],
  ] as const)('does not start where %s alone can tell', async (witness, silent) => {
    await network.stop('fred');
    await network.stop(silent);
    restore('fred');
    await expect(startFred()).rejects.toMatchObject({
      code: 'store-behind',
      message: expect.stringMatching(
        new RegExp(`^${witness} holds a checkpoint of the log of fred that has \\d+ entries`),
      ),
    });
  });

  test('starts where nobody can tell, but opens no session with one that can', async () => {
    for (const name of ['fred', 'sally', 'keys'] as const) await network.stop(name);
    restore('fred');
    const alone = await startFred();
    const sally = await startParty({ homePath: network.homes.sally.path, logger: quiet });
    try {
      await expect(ask()).rejects.toMatchObject({
        code: 'store-behind',
        message: expect.stringMatching(/sally holds/),
      });
    } finally {
      await Promise.all([alone.close(), sally.close()]);
    }
  });

  test('goes on in a new epoch: old agreements are used up, successors run, partners know', async () => {
    const { fred, sally } = network.homes;
    await expect(recoverParty(options(fred))).rejects.toMatchObject({ code: 'conflict' });
    await network.stop('fred');
    restore('fred');
    await network.stop('keys');
    await expect(recoverParty(options(fred))).rejects.toMatchObject({ code: 'peer-silent', culprit: 'keys' });
    await expect(network.start()).rejects.toMatchObject({ code: 'store-behind' });
    expect(await recoverParty(options(fred))).toMatchObject({ epoch: 2 });
    await network.start();
    await expect(ask()).rejects.toMatchObject({
      code: 'agreement-limit',
      message: expect.stringMatching(/was recovered, .* Agree on a successor/),
    });
    await expect(network.fred(({ agreements }) => agreements.sign(agreement))).rejects.toThrow(/draft it anew/);
    expect(await network.fred(({ agreements }) => agreements.show(agreement))).toMatchObject({ runsLeft: 0 });
    const next = await successor();
    expect(await ask(next)).toMatchObject({ state: 'done', logEpoch: 2 });
    await expect(ask(next)).rejects.toMatchObject({ code: 'agreement-limit' });
    expect(await network.fred(({ audit }) => audit.verify())).toMatchObject({
      ok: true,
      epoch: 2,
      earlier: [{ epoch: 1 }],
      statements: 2,
    });
    for (const home of [sally, network.homes.keys]) {
      const database = await openDatabase(home);
      const events = await database.selectFrom('log_entry').select('event').execute();
      await database.destroy();
      const opened = events.filter(({ event }) => Buffer.from(event!).includes('"kind":"partner-epoch"'));
      expect(opened).toHaveLength(1);
    }
    // The old epoch cannot come back.
    await network.stop('fred');
    restore('fred');
    await expect(network.start()).rejects.toThrow(/belongs to epoch 2; the database of fred is in epoch 1/);
  });

  test('takes an agreement that it signed and forgot as used up, whoever brings it', async () => {
    const { fred } = network.homes;
    const forgotten = await successor();
    const document = await network.sally(({ agreements }) => agreements.export(forgotten));
    await network.stop('fred');
    restore('fred');
    await recoverParty(options(fred));
    await network.start();
    const known = await network.fred(({ agreements }) => agreements.list());
    expect(known.map(({ hash }) => hash)).not.toContain(forgotten);
    await network.fred(({ agreements }) => agreements.receive(document));
    await expect(ask(forgotten)).rejects.toMatchObject({ code: 'agreement-limit' });
  });
});

describe('a key service whose database was put back', () => {
  test('does not start; in a new epoch it does, and parties accept it', async () => {
    const { keys } = network.homes;
    await network.stop('keys');
    restore('keys');
    await expect(network.start()).rejects.toMatchObject({
      code: 'store-behind',
      message: expect.stringMatching(/^(fred|sally) holds/),
    });
    expect(await recoverStore(options(keys))).toMatchObject({ epoch: 2 });
    await network.start();
    expect(await ask()).toMatchObject({ state: 'done' });
    const database = await openDatabase(keys);
    expect(await openServerLog(keys, database)).toMatchObject({ epoch: 2 });
    await database.destroy();
  });

  test('that went on elsewhere with other entries does not start either', async () => {
    const { keys } = network.homes;
    await network.stop('keys');
    restore('keys');
    const database = await openDatabase(keys);
    const log = await openServerLog(keys, database);
    for (let i = 0; i < 9; i++) await log.append({ kind: 'test' });
    await database.destroy();
    await expect(network.start()).rejects.toThrow(/has other entries/);
  });
});
