import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { base64url, systemRng } from '@symbolon/crypto';
import { createHome, FrameSocket, freePort, homePaths, peerClient } from '@symbolon/service';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { requestLink, startParty } from '../src/index.ts';
import { agree, quiet, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
});
afterEach(() => network.close());

const ask = (agreement: string) => requestLink(network.homes.fred.path, { agreement });

/** What fred's server would send, were it to ignore its own agreement. */
async function propose(agreement: string, rows = 5): Promise<unknown> {
  const { fred, sally } = network.homes;
  const client = peerClient({ home: fred, partner: sally.card });
  const body = { agreement, purpose: null, rows, half: base64url(systemRng(32)), seen: null };
  try {
    return await client.call('POST', '/v1/links', { body, answer: z.unknown() });
  } finally {
    await client.close();
  }
}

async function nothingRan(): Promise<void> {
  for (const side of [network.fred, network.sally]) {
    expect(await side(({ links }) => links.list())).toEqual([]);
  }
}

describe('a link is refused', () => {
  test('while the agreement is not signed, on either side', async () => {
    const agreement = await agree(network, { signed: false });
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'agreement-unsigned', culprit: 'fred' });
    await network.fred(async ({ agreements }) => {
      await agreements.sign(agreement);
      await agreements.send(agreement);
    });
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'agreement-unsigned', culprit: 'sally' });
    await expect(propose(agreement)).rejects.toMatchObject({ code: 'agreement-unsigned' });
    await nothingRan();
  });

  test('when the agreement kept here was altered', async () => {
    const agreement = await agree(network);
    await network.stop('fred');
    const sqlite = new DatabaseSync(homePaths(network.homes.fred.path).database);
    const { document } = sqlite.prepare('SELECT document FROM agreement').get() as { document: Uint8Array };
    const altered = JSON.parse(Buffer.from(document).toString()) as { payload: string };
    const payload = Buffer.from(altered.payload, 'base64url').toString().replace('"maxRows":100', '"maxRows":999');
    altered.payload = Buffer.from(payload).toString('base64url');
    sqlite.prepare('UPDATE agreement SET document = ?').run(Buffer.from(JSON.stringify(altered)));
    sqlite.close();
    await network.start();
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'bad-signature' });
    await nothingRan();
  });

  test('outside its term', async () => {
    const agreement = await agree(network, { term: { from: '2020-01-01', until: '2020-12-31' } });
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'agreement-term' });
    await expect(propose(agreement)).rejects.toMatchObject({ code: 'agreement-term' });
    await nothingRan();
  });

  test('when a table has more rows than agreed', async () => {
    const agreement = await agree(network, { maxRows: { a: 4, b: 100 } });
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'data-out-of-range' });
    await expect(propose(agreement, 5)).rejects.toMatchObject({ code: 'agreement-limit' });
    await nothingRan();
  });

  test('when all runs have been used, in words that name the rule', async () => {
    const agreement = await agree(network, { maxRuns: 1 });
    expect(await ask(agreement)).toMatchObject({ state: 'done' });
    await expect(ask(agreement)).rejects.toThrow(/All 1 runs that are allowed have been used/);
    await expect(propose(agreement)).rejects.toMatchObject({ code: 'agreement-limit' });
    expect(await network.sally(({ log }) => Promise.resolve(log.size))).toBeGreaterThan(4);
  });

  test('to a partner that the agreement does not name, and to a stranger', async () => {
    const agreement = await agree(network);
    const mallory = await createHome({
      path: join(network.folder, 'mallory'),
      id: 'mallory',
      name: 'Mallory',
      role: 'party',
      host: '127.0.0.1',
      port: await freePort('127.0.0.1'),
      now: () => new Date(),
    });
    const { sally } = network.homes;
    mallory.partners.add(sally.cardFile);
    const body = { agreement, purpose: null, rows: 5, half: base64url(systemRng(32)), seen: null };
    const call = async () => {
      const client = peerClient({ home: mallory, partner: sally.card });
      try {
        return await client.call('POST', '/v1/links', { body, answer: z.unknown() });
      } finally {
        await client.close();
      }
    };
    // TLS 1.3 tells the client after the handshake, so the refusal may look like a broken connection.
    await expect(call()).rejects.toMatchObject({ code: expect.stringMatching(/^(unauthenticated|peer-gone)$/) });
    await network.stop('sally');
    sally.partners.add(mallory.cardFile);
    await network.start();
    await expect(call()).rejects.toMatchObject({ code: 'agreement-party' });
    await nothingRan();
  });

  test('by a server that does not hold the certificate of the partner', async () => {
    const agreement = await agree(network);
    await network.stop('sally');
    const { fred, sally } = network.homes;
    const { port } = new URL(sally.card.address);
    const impostor = await createHome({
      path: join(network.folder, 'impostor'),
      id: 'impostor',
      name: 'Impostor',
      role: 'party',
      host: '127.0.0.1',
      port: Number(port),
      now: () => new Date(),
    });
    impostor.partners.add(fred.cardFile);
    const server = await startParty({ homePath: impostor.path, logger: quiet });
    try {
      await expect(ask(agreement)).rejects.toMatchObject({ code: 'bad-certificate', culprit: 'sally' });
    } finally {
      await server.close();
    }
  });

  test('when the partner or the key service is down, and works again afterwards', async () => {
    const agreement = await agree(network);
    await network.stop('sally');
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'peer-gone', culprit: 'sally' });
    await network.start();
    await network.stop('keys');
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'keyservice-down', culprit: 'keys' });
    await network.start();
    expect(await ask(agreement)).toMatchObject({ state: 'done' });
    const states = await network.sally(({ links }) => links.list());
    expect(states.map(({ state }) => state)).toEqual(['failed', 'done']);
  });

  test('while another runs', async () => {
    const agreement = await agree(network);
    const [first, second] = await Promise.allSettled([ask(agreement), ask(agreement)]);
    const failed = first.status === 'rejected' ? first : second;
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
  });

  test('but proposals that no agreement covers keep no own link waiting', async () => {
    const agreement = await agree(network);
    let ended = false;
    const flood = async (): Promise<void> => {
      for (let i = 0; i < 25 && !ended; i++) await propose(base64url(systemRng(32))).catch(() => undefined);
    };
    const floods = [flood(), flood(), flood(), flood()];
    const asked = requestLink(network.homes.sally.path, { agreement });
    expect(await asked.finally(() => (ended = true))).toMatchObject({ state: 'done' });
    await Promise.all(floods);
  });

  test('to a partner that asks without pause, which leaves no more traces in the log', async () => {
    const { config } = homePaths(network.homes.sally.path);
    const settings = { maxRequestsPerMinute: 3 };
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), settings }));
    await network.stop('sally');
    await network.start();
    const other = base64url(systemRng(32));
    for (let i = 0; i < 3; i++) await propose(other).catch(() => undefined);
    const { size } = await network.sally(({ log }) => Promise.resolve(log));
    await expect(propose(other)).rejects.toThrow(/fred asks too often/);
    expect(await network.sally(({ log }) => Promise.resolve(log.size))).toBe(size);
  });

  test('when the agreement ends before the masked data are signed: no signature leaves', async () => {
    const agreement = await agree(network);
    let ended = false;
    await network.stop('sally');
    await network.start({ sally: { now: () => (ended ? new Date('2100-01-01T00:00:00Z') : new Date()) } });
    const lengths: number[] = [];
    const send = FrameSocket.prototype.send;
    vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (this: FrameSocket, frame: Uint8Array) {
      if (this.peer === 'fred') lengths.push(frame.length);
      // The frame after hello and ready: the tables are being exchanged.
      ended ||= lengths.length === 3;
      return send.call(this, frame);
    });
    await expect(ask(agreement)).rejects.toMatchObject({ code: expect.stringMatching(/^(agreement-term|peer-gone)$/) });
    vi.restoreAllMocks();
    expect(lengths.length).toBeGreaterThan(3);
    expect(lengths).not.toContain(64);
    const [run] = await network.sally(({ links }) => links.list());
    expect(run).toMatchObject({ state: 'failed', openedAt: null, error: expect.stringContaining('agreement-term') });
  });

  test('when a table has a fault, which its owner is told by file, line and column, and the peer is not', async () => {
    const agreement = await agree(network);
    const change = (name: string, edit: (text: string) => string): void => {
      const file = join(network.folder, name);
      writeFileSync(file, edit(readFileSync(file, 'utf8')));
    };
    change('patients.csv', (text) => `${text}P1,M-9,Twice Born,1980-01-01,Bonn\n`);
    const refusal = await ask(agreement).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'peer-refused', culprit: 'sally' });
    expect(String(refusal)).not.toMatch(/patients|line|P1|medicaid/);

    change('members.csv', (text) => `${text}M-100,Twice Born,1980-01-01,Bonn\n`);
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'data-duplicate-id' });
    change('members.csv', (text) => text.replace('M-100,Twice', 'M-999,Twice').replace('1971-01-02', '1971-13-02'));
    await expect(ask(agreement)).rejects.toThrow(/members\.csv, line 3, column 'born'/);
    change('members.csv', (text) => text.replace('born,', 'birthday,'));
    await expect(ask(agreement)).rejects.toMatchObject({ code: 'data-missing-column' });
    await nothingRan();
  });
});

test('without a server a link is not asked for, and the error says how to start one', async () => {
  await network.stop('fred');
  await expect(ask('abcdefgh')).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('serve party'),
  });
});
