import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromUtf8, type SymbolonError } from '@symbolon/crypto';
import { cosign, signCheckpoint } from '@symbolon/ledger';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type ClaimServer,
  createPeerServer,
  type Database,
  exchangeWith,
  type Home,
  logRoutes,
  newestCosignatures,
  openDatabase,
  openDatabaseFile,
  openServerLog,
  parseCosigned,
  peerClient,
  type ServerLog,
  seenCheckpoint,
  showLog,
  Witnesses,
  witnessAnswer,
  witnessCheckpoint,
  witnessesOf,
  witnessName,
} from '../src/index.ts';
import { now, quiet, testHome } from './homes.ts';

type Organisation = ClaimServer & { readonly home: Home; readonly database: Database; readonly log: ServerLog };

/** Organisations that know each other, each with three entries in its log; those named are running. */
async function organisations(...ids: string[]): Promise<[Organisation, Organisation, Organisation]> {
  const homes = await homesOf(ids);
  const all = await Promise.all(homes.map(async (home) => organisation(home, await databaseOf(home))));
  for (const one of all) await run(one);
  return all as [Organisation, Organisation, Organisation];
}

const databaseOf = (home: Home): Promise<Database> =>
  process.env.DATABASE_URL ? openDatabase(home) : openDatabaseFile(':memory:', home.config.role);

const made = new Map<string, Home[]>();
const folder = mkdtempSync(join(tmpdir(), 'symbolon-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Making a home takes longer than a test with it; what the tests change is in its database, which is another one in each. */
async function homesOf(ids: readonly string[]): Promise<Home[]> {
  // A home stays with the database that it was first opened with.
  const name = [...ids, process.env.DATABASE_URL].join();
  const known = made.get(name);
  if (known !== undefined) return known;
  const below = join(folder, String(made.size));
  const homes = await Promise.all(ids.map((id) => testHome(id, id === 'keys' ? 'keyservice' : 'party', below)));
  for (const home of homes) for (const other of homes) if (other !== home) home.partners.add(other.cardFile);
  made.set(name, homes);
  return homes;
}

async function organisation(home: Home, database: Database): Promise<Organisation> {
  onTestFinished(() => database.destroy());
  const log = await openServerLog(home, database);
  for (const n of [1, 2, 3]) await log.append({ kind: 'test', n });
  return { home, database, log, logger: quiet, now };
}

/** The same organisation with another past: what a server that lies shows to some. */
async function fork({ home }: Organisation, entries = 3): Promise<Organisation> {
  const other = await organisation(home, await openDatabaseFile(':memory:', home.config.role));
  for (let n = 3; n < entries; n++) await other.log.append({ kind: 'other', n });
  return other;
}

async function run(server: Organisation): Promise<void> {
  const { home } = server;
  const peers = createPeerServer({ home, routes: logRoutes(server), logger: quiet });
  await peers.listen();
  onTestFinished(() => peers.close());
}

const events = async ({ log }: Organisation) =>
  (await log.store.entries(0, log.size)).map(({ event }) => JSON.parse(fromUtf8(event!)) as { kind: string });
const exchange = (one: Organisation, other: Organisation) => exchangeWith(one, other.home.card);
const failure = (promise: Promise<unknown>): Promise<SymbolonError | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => error as SymbolonError,
  );

onBothDatabases(() => {
  describe('partners and the key service witness a log', () => {
    test('each cosigns the checkpoint that it has verified, and both logs are kept', async () => {
      const [fred, sally, keys] = await organisations('fred', 'sally', 'keys');
      const witnesses = new Witnesses(fred);
      expect((await witnesses.states()).map(({ pending }) => pending)).toEqual([3, 3]);
      await witnesses.round();
      expect(await witnesses.states()).toMatchObject([
        { witness: 'keys', size: 3, pending: 0, alarm: false, unproved: 0 },
        { witness: 'sally', size: 3, pending: 0, alarm: false, unproved: 0 },
      ]);
      for (const { witness, note } of await newestCosignatures(fred.database, fred.log.origin)) {
        const cosigned = parseCosigned(fred.home.card, fred.home.partners.get(witness), note);
        expect(cosigned.checkpoint).toMatchObject({ size: 3, root: fred.log.root(3) });
        expect(Math.abs(cosigned.at.getTime() - Date.now())).toBeLessThan(60_000);
      }
      expect(await witnessesOf(fred.database, fred.log.origin, 2)).toEqual(['keys', 'sally']);
      expect(await witnessesOf(fred.database, fred.log.origin, 3)).toEqual([]);
      for (const other of [sally, keys]) {
        expect(await seenCheckpoint(other.database, fred.home.card)).toBe(fred.log.checkpoint());
        expect(await seenCheckpoint(fred.database, other.home.card)).toBe(other.log.checkpoint());
      }
      await fred.log.append({ kind: 'test' });
      await witnesses.round();
      expect((await witnesses.states()).map(({ size }) => size)).toEqual([4, 4]);
    });

    test('honest logs of different length leave no claim open', async () => {
      const [fred, sally, keys] = await organisations('fred', 'sally', 'keys');
      await exchange(fred, sally);
      await fred.log.append({ kind: 'test' });
      await exchange(fred, keys);
      await exchange(sally, keys);
      const witnesses = new Witnesses(sally);
      expect((await witnesses.states())[0]).toMatchObject({ witness: 'fred', unproved: 1 });
      await witnesses.round();
      expect((await witnesses.states())[0]).toMatchObject({ witness: 'fred', unproved: 0 });
      expect((await events(sally)).map(({ kind }) => kind)).toEqual(['test', 'test', 'test']);
      // The other way round: what is held elsewhere is older.
      await fred.log.append({ kind: 'test' });
      await exchange(fred, sally);
      await exchange(sally, keys);
      await exchange(sally, fred);
      expect((await witnesses.states())[0]).toMatchObject({ unproved: 0 });
    });

    test('the log is served as tiles, with its cosignatures', async () => {
      const [fred, sally] = await organisations('fred', 'sally');
      await exchange(fred, sally);
      const client = peerClient({ home: sally.home, partner: fred.home.card });
      onTestFinished(() => client.close());
      const get = async (path: string, length: number, log = 'symbolon/fred') => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of client.stream('GET', `/v1/log/${log}/${path}`, { length })) chunks.push(chunk);
        return Buffer.concat(chunks);
      };
      const tile = await get('tile/0/000.p/3', 96);
      expect([...tile]).toEqual([...fred.log.tile(0, 0, 3)]);
      const bundle = await get('tile/entries/000.p/3', 102);
      expect([...bundle.subarray(2, 34)]).toEqual([...(await fred.log.store.entry(0)).entry]);
      const { note } = (await newestCosignatures(fred.database, fred.log.origin))[0]!;
      expect((await get('checkpoint', Buffer.byteLength(note))).toString()).toBe(note);
      for (const path of [
        'tile/0/000',
        'tile/0/000.p/4',
        'tile/entries/000',
        'tile/9/000.p/1',
        'x',
        '../symbolon.db',
      ]) {
        await expect(get(path, 1)).rejects.toMatchObject({ code: 'not-found' });
      }
      await expect(get('checkpoint', 1, 'symbolon/mallory')).rejects.toMatchObject({ code: 'not-found' });
    });
  });

  test('a log that is shown with two pasts is found through a common partner', async () => {
    const [fred, sally, paul] = await organisations('fred', 'sally', 'paul');
    await exchange(fred, sally);
    await exchange(await fork(fred), paul);
    await exchange(sally, paul).catch(() => undefined);
    for (const witness of [sally, paul]) {
      expect(await failure(exchange(witness, fred))).toMatchObject({ culprit: 'fred' });
      expect((await events(witness)).at(-1)).toMatchObject({ kind: 'partner-log-forked', partner: 'fred' });
    }
  });
});

describe('a log that is shown with two pasts', () => {
  test.each([
    ['of the same length', 3, 3],
    ['of which the other is longer', 5, 3],
    ['of which the other is shorter', 3, 4],
  ])('%s is found through the key service', async (_, atKeys, atSally) => {
    const [fred, sally, keys] = await organisations('fred', 'sally', 'keys');
    while (fred.log.size < atSally) await fred.log.append({ kind: 'test' });
    await exchange(fred, sally);
    await exchange(await fork(fred, atKeys), keys);
    // Nobody can know yet: each has seen one past only.
    await exchange(sally, fred);
    await failure(exchange(sally, keys));
    const found = await failure(exchange(sally, fred));
    expect(found).toMatchObject({ code: 'log-inconsistent', culprit: 'fred' });
    const [evidence] = (await events(sally)).filter(({ kind }) => kind === 'partner-log-forked');
    expect(evidence).toMatchObject({ partner: 'fred', by: 'keys' });
    // It stays so, whoever calls.
    expect(await failure(exchange(sally, fred))).toMatchObject({ code: 'log-inconsistent' });
    expect(await failure(exchange(fred, sally))).toMatchObject({ code: 'log-inconsistent' });
    expect((await events(sally)).filter(({ kind }) => kind === 'partner-log-forked').length).toBe(1);
  });

  test('is not found while its witnesses do not meet', async () => {
    const [fred, sally, paul] = await organisations('fred', 'sally', 'paul');
    const other = await fork(fred);
    for (let round = 0; round < 3; round++) {
      await exchange(fred, sally);
      await exchange(other, paul);
    }
    expect((await events(sally)).length + (await events(paul)).length).toBe(6);
  });

  test('of a fork that its owner will not explain, nothing is run with it', async () => {
    const [fred, sally, keys] = await organisations('fred', 'sally', 'keys');
    await exchange(await fork(fred, 3), keys);
    await fred.log.append({ kind: 'test' });
    await exchange(sally, keys);
    await expect(new Witnesses(sally).beforeRun(['fred', 'keys'], new AbortController().signal)).rejects.toMatchObject({
      code: 'log-inconsistent',
      culprit: 'fred',
    });
  });
});

describe('a past that was changed', () => {
  test.each<[string, (size: number) => number]>([
    ['cut off', (size) => size - 1],
    ['rewritten at the same length', (size) => size],
    ['rewritten and continued', (size) => size + 2],
  ])('%s is refused by whoever has seen it', async (_, length) => {
    const [fred, sally] = await organisations('fred', 'sally');
    await fred.log.append({ kind: 'test' });
    await exchange(fred, sally);
    const rewritten = await fork(fred, length(fred.log.size));
    // A server that goes by the rules does not even show it.
    expect(await failure(exchange(rewritten, sally))).toMatchObject({ code: 'store-behind', culprit: 'fred' });
    // One that does not is refused.
    const { log } = rewritten;
    const client = peerClient({ home: fred.home, partner: sally.home.card });
    onTestFinished(() => client.close());
    const from = Math.min(fred.log.size, log.size);
    const shown = { note: log.checkpoint(), from: fred.log.size, proof: encoded(log.consistencyProof(from)) };
    const body = { log: shown, seen: null, held: [] };
    await expect(client.call('POST', '/v1/log/exchange', { body, answer: anything })).rejects.toMatchObject({
      code: 'log-inconsistent',
    });
  });

  test('an old checkpoint shown again is refused', async () => {
    const [fred, sally] = await organisations('fred', 'sally');
    const old = fred.log.checkpoint();
    await fred.log.append({ kind: 'test' });
    await exchange(fred, sally);
    const client = peerClient({ home: fred.home, partner: sally.home.card });
    onTestFinished(() => client.close());
    const body = { log: { note: old, from: 4, proof: [] }, seen: null, held: [] };
    await expect(client.call('POST', '/v1/log/exchange', { body, answer: anything })).rejects.toMatchObject({
      code: 'log-inconsistent',
    });
  });
});

describe('an answer that was open while a newer checkpoint came in', () => {
  /** sally holds fred's log at three entries and asks; he answers with `answerAt` entries, and meanwhile shows her `size`. */
  async function race(size: number, answerAt: number) {
    const [fred, sally] = await organisations('fred', 'sally');
    await exchange(fred, sally);
    const asked = await seenCheckpoint(sally.database, fred.home.card);
    while (fred.log.size < Math.min(size, answerAt)) await fred.log.append({ kind: 'test' });
    let shown = showLog(fred, asked, 'sally');
    if (size < answerAt) await exchange(fred, sally);
    while (fred.log.size < Math.max(size, answerAt)) await fred.log.append({ kind: 'test' });
    if (size < answerAt) shown = showLog(fred, asked, 'sally');
    else await exchange(fred, sally);
    const client = peerClient({ home: sally.home, partner: fred.home.card });
    onTestFinished(() => client.close());
    return { fred, sally, client, asked, shown };
  }

  test.each([
    ['older', 6, 4],
    ['as old', 5, 5],
    ['newer', 4, 6],
  ])('is accepted if it is %s, of one log', async (_, size, answerAt) => {
    const { fred, sally, ...answer } = await race(size, answerAt);
    // Without the proof between the two, it says nothing.
    await expect(witnessCheckpoint(sally, fred.home.card, answer.shown)).rejects.toThrow();
    await witnessAnswer(sally, fred.home.card, answer);
    expect(await seenCheckpoint(sally.database, fred.home.card)).toBe(fred.log.checkpoint());
  });

  test.each([4, 5, 7])('is refused at %i entries of another past', async (entries) => {
    const { fred, sally, ...answer } = await race(5, 4);
    const held = await seenCheckpoint(sally.database, fred.home.card);
    const { log } = await fork(fred, entries);
    const shown = { note: log.checkpoint(), from: 3, proof: log.consistencyProof(3) };
    const error = await failure(witnessAnswer(sally, fred.home.card, { ...answer, shown }));
    // Asked for a proof that it has not, a log may refuse; it is not accepted either way.
    expect(error?.code).toMatch(/^(log-inconsistent|not-found)$/);
    expect(await seenCheckpoint(sally.database, fred.home.card)).toBe(held);
  });

  test('is refused if it is older than what was held when it was asked for', async () => {
    const { fred, sally, asked, ...answer } = await race(5, 4);
    const newest = await seenCheckpoint(sally.database, fred.home.card);
    await fred.log.append({ kind: 'test' });
    await exchange(fred, sally);
    await expect(witnessAnswer(sally, fred.home.card, { ...answer, asked: newest })).rejects.toMatchObject({
      code: 'log-inconsistent',
      culprit: 'fred',
    });
  });
});

describe('a witness that lies', () => {
  /** fred, and sally who answers with the cosignature that `line` makes. */
  async function answeredBy(line: (note: string, sally: Home, fred: Home) => string) {
    const homes = (await homesOf(['fred', 'sally'])) as [Home, Home];
    const [fred, sally] = [
      await organisation(homes[0], await openDatabaseFile(':memory:', 'party')),
      await organisation(homes[1], await openDatabaseFile(':memory:', 'party')),
    ];
    const routes = logRoutes(sally).map((one) => {
      if (one.path !== '/v1/log/exchange') return one;
      const { handle } = one;
      return {
        ...one,
        handle: async (asked: Parameters<typeof handle>[0]) => {
          const { note } = (asked.body as { log: { note: string } }).log;
          return { ...((await handle(asked)) as object), cosignature: line(note, homes[1], homes[0]) };
        },
      };
    });
    const peers = createPeerServer({ home: homes[1], routes, logger: quiet });
    await peers.listen();
    onTestFinished(() => peers.close());
    return { fred, sally };
  }
  const seconds = () => Math.floor(Date.now() / 1000);
  const name = witnessName('sally');

  test.each<[string, string, (note: string, sally: Home, fred: Home) => string]>([
    ['with another key', 'bad-signature', (note, _, fred) => cosign(note, name, fred.logKey, seconds())],
    ['as another', 'bad-signature', (note, sally) => cosign(note, witnessName('keys'), sally.logKey, seconds())],
    ['back-dated', 'peer-disagrees', (note, sally) => cosign(note, name, sally.logKey, seconds() - 86_400)],
    ['post-dated', 'peer-disagrees', (note, sally) => cosign(note, name, sally.logKey, seconds() + 86_400)],
    [
      'another checkpoint',
      'bad-signature',
      (_, sally, fred) =>
        cosign(
          signCheckpoint({ origin: 'symbolon/fred', size: 9, root: new Uint8Array(32) }, fred.logKey),
          name,
          sally.logKey,
          seconds(),
        ),
    ],
    ['with garbage', 'bad-document', () => 'garbage\n'],
  ])('and cosigns %s is named, and its cosignature not kept', async (_, code, line) => {
    const { fred, sally } = await answeredBy(line);
    const error = await failure(exchange(fred, sally));
    expect(error).toMatchObject({ code });
    expect(error!.culprit === 'sally' || code === 'bad-document').toBe(true);
    expect(await newestCosignatures(fred.database, fred.log.origin)).toEqual([]);
  });

  test('and goes back in time is named', async () => {
    let late = 600;
    const { fred, sally } = await answeredBy((note, { logKey }) => {
      late -= 300;
      return cosign(note, name, logKey, seconds() + late);
    });
    await exchange(fred, sally);
    await fred.log.append({ kind: 'test' });
    expect(await failure(exchange(fred, sally))).toMatchObject({ code: 'peer-disagrees', culprit: 'sally' });
  });

  test('and relays what a log did not sign changes nothing', async () => {
    const [fred, sally, keys] = await organisations('fred', 'sally', 'keys');
    await exchange(fred, keys);
    const forged = signCheckpoint({ origin: 'symbolon/keys', size: 3, root: new Uint8Array(32) }, sally.home.logKey);
    const client = peerClient({ home: sally.home, partner: fred.home.card });
    onTestFinished(() => client.close());
    const own = { note: sally.log.checkpoint(), from: 0, proof: [] };
    const body = { log: own, seen: null, held: [forged, 'garbage', `symbolon/nobody\n1\n\n`] };
    await client.call('POST', '/v1/log/exchange', { body, answer: anything });
    await exchange(fred, keys);
    expect((await events(fred)).every(({ kind }) => kind === 'test')).toBe(true);
  });
});

test('a witness that does not answer is asked ever less often, then is an alarm; nothing waits for it', async () => {
  const [home] = (await homesOf(['fred', 'sally'])) as [Home];
  let time = Date.now();
  const said: string[] = [];
  const logger = Object.assign(Object.create(quiet) as typeof quiet, {
    error: (_: unknown, words: string) => said.push(words),
    warn: () => said.push('asked'),
  });
  const server = await organisation(home, await openDatabaseFile(':memory:', 'party'));
  const witnesses = new Witnesses({ ...server, logger, now: () => new Date(time) });
  expect(await witnesses.states()).toMatchObject([{ pending: 3, since: null, alarm: false }]);
  for (let minute = 0; minute < 16; minute++, time += 60_000) await witnesses.round();
  // After 0, 1, 3, 7 and 15 minutes.
  expect(said).toEqual(Array(5).fill('asked'));
  expect(await witnesses.states()).toMatchObject([{ pending: 3, alarm: false }]);
  time += 86_400_000;
  await witnesses.round();
  await witnesses.round();
  const alarm = 'alarm: entries of this log have long not been witnessed by a partner';
  expect(said.slice(5)).toEqual(['asked', alarm]);
  expect(await witnesses.states()).toMatchObject([{ witness: 'sally', pending: 3, alarm: true }]);
  expect(await server.log.append({ kind: 'test' })).toBe(3);
  await witnesses.close();
});

const anything = { safeParse: (data: unknown) => ({ success: true as const, data }) } as never;
const encoded = (proof: readonly Uint8Array[]) => proof.map((hash) => Buffer.from(hash).toString('base64url'));
