import type { Card } from '@symbolon/agreement';
import { base64, type SigningKey } from '@symbolon/crypto';
import { signCheckpoint, signNote } from '@symbolon/ledger';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  auditLog,
  createPeerServer,
  DatabaseLogStore,
  type Home,
  logOrigin,
  openDatabase,
  openServerLog,
  type RecoverOptions,
  recoverStore,
  requireNewestStore,
  route,
  seenCheckpoint,
  showLog,
  witnessCheckpoint,
} from '../src/index.ts';
import { now, quiet, testPartners } from './homes.ts';

/** fred with three entries in his log, and sally, who answers fred by `answer`. */
async function fredAnd(answer: (fred: Home, sally: Home) => unknown) {
  const [home, sally] = await testPartners('fred', 'sally');
  const handle = async () => answer(home, sally);
  const routes = [route<Card>()({ method: 'GET', path: '/v1/log/seen', handle })];
  const server = createPeerServer({ home: sally, routes, logger: quiet });
  await server.listen();
  onTestFinished(() => server.close());
  const database = await openDatabase(home);
  onTestFinished(() => database.destroy());
  const log = await openServerLog(home, database);
  for (const n of [1, 2, 3]) await log.append({ kind: 'test', n });
  return { home, sally, database, log, logger: quiet };
}

const root = new Uint8Array(32).fill(7);
const note = (key: SigningKey, size: number, origin = logOrigin('fred')): string =>
  signCheckpoint({ origin, size, root }, key);

describe('a server starts', () => {
  test.each<[string, (fred: Home, sally: Home) => unknown]>([
    ['has seen nothing', () => ({ note: null })],
    ['shows a note that another key signed', (_, sally) => ({ note: note(sally.logKey, 99) })],
    ['shows a note of another log', ({ logKey }) => ({ note: note(logKey, 99, 'symbolon/mallory') })],
    ['shows an epoch that cannot be', ({ logKey }) => ({ note: note(logKey, 99, 'symbolon/fred/02') })],
    [
      'shows what its key signed under another name',
      ({ logKey }) => ({ note: signNote(`symbolon/fred\n99\n${base64(root)}\n`, 'symbolon/sally', logKey) }),
    ],
    ['only claims a size', () => ({ size: 99 })],
    ['talks garbage', () => ({ note: 'garbage' })],
    ['sends much', () => ({ note: 'x'.repeat(100_000) })],
    ['is silent', () => new Promise(() => undefined)],
  ])('though a partner %s', async (_, answer) => {
    await requireNewestStore(await fredAnd(answer));
  });

  test('though nobody can be reached', async () => {
    const [home] = await testPartners('fred', 'sally');
    const database = await openDatabase(home);
    onTestFinished(() => database.destroy());
    await requireNewestStore({ home, database, log: await openServerLog(home, database), logger: quiet });
  });
});

describe('a server refuses to start', () => {
  test.each<[string, (fred: Home) => unknown, RegExp]>([
    ['more entries', ({ logKey }) => note(logKey, 4), /^sally holds .* has 4 entries; the database of fred has 3$/],
    ['other entries', ({ logKey }) => note(logKey, 3), /^sally holds .* other entries among its 3/],
    [
      'a newer epoch',
      ({ logKey }) => note(logKey, 1, logOrigin('fred', 2)),
      /^sally holds .* epoch 2; the database of fred is in epoch 1$/,
    ],
  ])('where a partner holds %s', async (_, held, words) => {
    const server = await fredAnd((fred) => ({ note: held(fred) }));
    const refused = requireNewestStore(server);
    await expect(refused).rejects.toMatchObject({ code: 'store-behind', hint: expect.stringMatching(/store recover/) });
    await expect(refused).rejects.toThrow(words);
    expect(() => showLog(server, held(server.home) as string, 'sally')).toThrow(words);
  });
});

test('what is shown to a witness that lies is nothing: it is named', async () => {
  const server = await fredAnd(() => ({ note: null }));
  const forged = note(server.sally.logKey, 2);
  expect(() => showLog(server, forged, 'sally')).toThrow(
    expect.objectContaining({ code: 'bad-signature', culprit: 'sally' }),
  );
});

onBothDatabases(() => {
  test('a server refuses to start where the database holds a checkpoint that its own log does not cover', async () => {
    const server = await fredAnd(() => ({ note: null }));
    const kept = { origin: logOrigin('fred'), size: 4, note: note(server.home.logKey, 4) };
    await server.database.insertInto('checkpoint').values(kept).execute();
    await expect(requireNewestStore(server)).rejects.toThrow(/^the database itself holds .* has 4 entries/);
  });

  describe('a new epoch', () => {
    const options = (home: Home): RecoverOptions => ({
      homePath: home.path,
      logger: quiet,
      now,
      offline: false,
      confirm: async () => true,
    });

    test('is above all that anybody holds, begins with what was known, and leaves the old one readable', async () => {
      const server = await fredAnd(({ logKey }) => ({ note: note(logKey, 9, logOrigin('fred', 4)) }));
      const { home, database, log } = server;
      expect(await recoverStore(options(home))).toMatchObject({ epoch: 5, own: { epoch: 1, size: 3 } });
      const next = await openServerLog(home, database);
      expect(next).toMatchObject({ epoch: 5, size: 1, origin: 'symbolon/fred/5' });
      const { event } = await next.store.entry(0);
      expect(JSON.parse(Buffer.from(event!).toString())).toMatchObject({
        kind: 'epoch-opened',
        epoch: 5,
        before: log.checkpoint(),
        kept: null,
        witnesses: [{ id: 'sally', state: 'holds', note: note(home.logKey, 9, logOrigin('fred', 4)) }],
      });
      await requireNewestStore({ ...server, log: next });
      expect(await auditLog(server, [log.checkpoint()])).toMatchObject({
        newest: { epoch: 5, entries: 1 },
        earlier: [{ epoch: 1, entries: 3 }],
        faults: [],
      });
      // Whoever had the old epoch open cannot write there any more.
      await expect(log.append({ kind: 'late' })).rejects.toMatchObject({ code: 'conflict' });
      expect(await new DatabaseLogStore(database, 1).size()).toBe(3);
    });

    test('is not opened by halves, unasked, or while a partner is silent', async () => {
      const { home, database } = await fredAnd(() => {
        throw new Error('out of order');
      });
      const rows = () => database.selectFrom('log_entry').selectAll().execute();
      const before = await rows();
      await expect(recoverStore(options(home))).rejects.toMatchObject({ code: 'peer-silent', culprit: 'sally' });
      const offline = { ...options(home), offline: true };
      const crash = recoverStore(offline, async (transaction) => {
        expect(await transaction.selectFrom('log_entry').selectAll().execute()).toHaveLength(before.length + 1);
        throw new Error('the power failed');
      });
      await expect(crash).rejects.toThrow('the power failed');
      expect(await recoverStore({ ...offline, confirm: async () => false })).toBeUndefined();
      expect(await rows()).toEqual(before);
      expect(await database.selectFrom('checkpoint').selectAll().execute()).toEqual([]);
      expect(await recoverStore(offline)).toMatchObject({ epoch: 2, witnesses: [{ state: 'unknown' }] });
    });

    test('is not opened twice at once', async () => {
      const { home } = await fredAnd(() => ({ note: null }));
      const first = recoverStore({
        ...options(home),
        confirm: async () => {
          await expect(recoverStore(options(home))).rejects.toMatchObject({ code: 'conflict' });
          return true;
        },
      });
      expect(await first).toMatchObject({ epoch: 2 });
    });

    test('is accepted by a witness, once and for all, and logged', async () => {
      const { home: fred, sally, log } = await fredAnd(() => ({ note: null }));
      const database = await openDatabase(sally);
      onTestFinished(() => database.destroy());
      const server = { database, log: await openServerLog(sally, database), logger: quiet };
      const old = log.checkpoint();
      await witnessCheckpoint(server, fred.card, { note: old, from: 0, proof: [] });
      const show = (shown: string, from = 0) => witnessCheckpoint(server, fred.card, { note: shown, from, proof: [] });
      await expect(show(note(fred.logKey, 0, logOrigin('fred', 2)))).rejects.toMatchObject({
        code: 'log-inconsistent',
      });
      await expect(show(note(sally.logKey, 1, logOrigin('fred', 2)))).rejects.toMatchObject({ code: 'bad-signature' });
      await expect(show(note(fred.logKey, 1, logOrigin('fred', 2)), 3)).rejects.toMatchObject({ code: 'conflict' });
      const next = note(fred.logKey, 1, logOrigin('fred', 12));
      await show(next);
      expect(await seenCheckpoint(database, fred.card)).toBe(next);
      await expect(show(old, 3)).rejects.toMatchObject({ code: 'log-inconsistent', culprit: 'fred' });
      await expect(show(note(fred.logKey, 5, logOrigin('fred', 3)))).rejects.toThrow(/epoch 3 .* epoch 12 before/);
      expect(await seenCheckpoint(database, fred.card)).toBe(next);
      const { event } = await server.log.store.entry(0);
      expect(JSON.parse(Buffer.from(event!).toString())).toEqual({
        kind: 'partner-epoch',
        partner: 'fred',
        epoch: 12,
        before: { epoch: 1, size: 3 },
      });
    });
  });
});
