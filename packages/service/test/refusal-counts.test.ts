import { connect } from 'node:tls';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createPeerServer, openDatabase, openServerLog, RefusalCounts } from '../src/index.ts';
import { raw, serveHello } from './hello-server.ts';
import { quiet, testHome } from './homes.ts';

interface Entry {
  readonly kind: string;
  readonly code: string;
  readonly count: number;
}

const counts = (events: readonly object[]): Entry[] =>
  (events as readonly Entry[]).filter(({ kind }) => kind === 'requests-refused');

/** Sums of all entries, by what was refused. */
function sums(events: readonly object[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { code, count } of counts(events)) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}

test('1,000 bad requests are all in the log, in few entries', async () => {
  const { port, events, refusals } = await serveHello({ counting: true });
  const count = { method: 'POST', path: '/v1/counts' };
  const bad = [
    { headers: { authorization: 'Bearer a-session-that-is-over' } },
    { ...count, headers: { origin: 'https://evil.example' }, body: '{"by":1}' },
    { ...count, body: '{' },
    { ...count, body: '{"by":"1"}' },
    { path: '/v1/nowhere' },
    { headers: { host: 'evil.example' } },
    { ...count, body: `{"by":1,"more":"${'x'.repeat(2 << 20)}"}` },
  ];
  for (let batch = 0; batch < 20; batch++) {
    await Promise.all(Array.from({ length: 50 }, (_, i) => raw(port, bad[i % 6]!)));
  }
  expect((await raw(port, bad[6]!)).status).toBe(413);
  // The control: what is answered is not counted.
  expect((await raw(port, {})).status).toBe(200);
  await refusals.close();
  expect(sums(events)).toEqual({
    unauthenticated: 180,
    'cross-site': 180,
    'request-invalid': 320,
    'unknown-address': 160,
    'wrong-host': 160,
    'body-too-large': 1,
  });
  expect(counts(events).length).toBeLessThanOrEqual(11);
});

test('at most one entry a minute for each reason, none where nothing was refused, and what is left when it stops', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const events: Entry[] = [];
  const append = async (event: object) => events.push(event as Entry);
  const refusals = new RefusalCounts({ log: { append }, logger: quiet, now: () => new Date() });
  for (let second = 0; second < 150; second++) {
    refusals.count('wrong-host');
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(events.map(({ count }) => count)).toEqual([1, 59, 60]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(events.map(({ count }) => count)).toEqual([1, 59, 60, 30]);
  expect(vi.getTimerCount()).toBe(0);
  for (let i = 0; i < 5; i++) refusals.count('tls-handshake');
  await refusals.close();
  expect(events.slice(4)).toMatchObject([
    { code: 'tls-handshake', count: 1 },
    { code: 'tls-handshake', count: 4 },
  ]);
});

test('what could not be written is counted the next time', async () => {
  let away = true;
  const events: Entry[] = [];
  const append = async (event: object) => {
    if (away) throw new Error('the database is away');
    return events.push(event as Entry);
  };
  const refusals = new RefusalCounts({ log: { append }, logger: quiet, now: () => new Date() });
  refusals.count('wrong-host');
  await new Promise((done) => setImmediate(done));
  away = false;
  refusals.count('wrong-host');
  await refusals.close();
  expect(events.map(({ count }) => count)).toEqual([2]);
});

test('whoever comes without the certificate of a partner is counted', async () => {
  const home = await testHome('fred');
  const events: object[] = [];
  const append = async (event: object) => events.push(event);
  const refusals = new RefusalCounts({ log: { append }, logger: quiet, now: () => new Date() });
  const server = createPeerServer({ home, routes: [], logger: quiet, refusals });
  onTestFinished(() => server.close());
  const { hostname: host, port } = new URL(await server.listen());
  for (let i = 0; i < 5; i++) {
    await new Promise((done) => {
      const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
      socket.on('error', () => undefined).once('close', done);
      socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\n\r\n')).resume();
    });
  }
  await expect.poll(async () => sums(events)['tls-handshake'] ?? 0).toBeGreaterThan(0);
  await refusals.close();
  expect(sums(events)).toEqual({ 'tls-handshake': 5 });
});

onBothDatabases(() => {
  test('they outlive the process', async () => {
    const home = await testHome('fred');
    const database = await openDatabase(home);
    const log = await openServerLog(home, database);
    const refusals = new RefusalCounts({ log, logger: quiet, now: () => new Date() });
    for (let i = 0; i < 50; i++) refusals.count(i % 5 === 0 ? 'wrong-host' : 'unauthenticated');
    await refusals.close();
    await database.destroy();
    const again = await openDatabase(home);
    onTestFinished(() => again.destroy());
    const { store, size } = await openServerLog(home, again);
    const events = (await store.entries(0, size)).map(({ event }) => JSON.parse(Buffer.from(event!).toString()));
    expect(sums(events)).toEqual({ 'wrong-host': 10, unauthenticated: 40 });
    expect(size).toBe(4);
  });
});
