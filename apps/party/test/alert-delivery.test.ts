import type { Card } from '@symbolon/agreement';
import type { AlertMessage } from '@symbolon/alerts';
import { base64url } from '@symbolon/crypto';
import { createPeerServer, type Route, type Running, route } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Carriage } from '../src/alerts/carriage.ts';
import { Delivery } from '../src/alerts/delivery.ts';
import { AlertInbox } from '../src/alerts/inbox.ts';
import { AlertReceiver } from '../src/alerts/receive.ts';
import { alertsBody, alertsPath } from '../src/alerts/wire.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { startParty } from '../src/index.ts';
import { type AlertNetwork, alertNetwork, configure, outgoing } from './alert-network.ts';
import { eventsOf, quiet } from './network.ts';

let network: AlertNetwork;
let sally: PartyContext;
let delivery: Delivery;
let fred: Running | undefined;
async function setUp(): Promise<void> {
  network = await alertNetwork();
  sally = await openContext(network.homes.sally.path, { logger: quiet });
  delivery = new Delivery(sally);
  onTestFinished(async () => {
    await delivery.close();
    await fred?.close();
    fred = undefined;
    await sally.close();
    await network.close();
  });
}

const startFred = async () => {
  fred = await startParty({ homePath: network.homes.fred.path, logger: quiet });
};
const stopFred = async () => {
  await fred?.close();
  fred = undefined;
};
const send = async (...messages: AlertMessage[]) => {
  await outgoing(sally, network.homes.sally.signingKey, messages);
  delivery.wake('fred');
};
const counts = () => new Carriage(sally).counts();
const settled = async (expected: Partial<Awaited<ReturnType<typeof counts>>>) =>
  vi.waitFor(async () => expect(await counts()).toMatchObject(expected), { interval: 20 });
const fredsInbox = async () => {
  const context = await openContext(network.homes.fred.path, { logger: quiet });
  try {
    const { items } = await new AlertInbox(context).list({ limit: 1000 });
    return { items, logged: await eventsOf(context, 'alert-received') };
  } finally {
    await context.close();
  }
};

/** A server at Fred's address that answers alerts as a test says. */
async function answering(
  handle: (documents: readonly string[]) => Promise<unknown>,
): Promise<{ readonly requests: string[][]; stop(): Promise<void> }> {
  const requests: string[][] = [];
  const routes: Route<Card>[] = [
    route<Card>()({
      method: 'POST',
      path: alertsPath,
      body: alertsBody,
      bodyLimit: 2 ** 20,
      handle: async ({ body }) => {
        requests.push(body.documents);
        return handle(body.documents);
      },
    }),
  ];
  const server = createPeerServer({ home: network.homes.fred, logger: quiet, rng: sally.rng, routes });
  await server.listen();
  const stop = () => server.close();
  onTestFinished(stop);
  return { requests, stop };
}
const idsIn = (documents: readonly string[]) =>
  documents.map((document) => {
    const { payload } = JSON.parse(Buffer.from(document, 'base64url').toString());
    const { bundle } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return JSON.parse(bundle).identifier.value as string;
  });
const taken = async (documents: readonly string[]) => ({
  results: idsIn(documents).map((id) => ({ id, outcome: 'taken' as const })),
});

describe('what is sent', () => {
  beforeEach(setUp);

  test('while the receiver is down all waits; once it is back, all arrives', async () => {
    await send(network.message(), network.message());
    await vi.waitFor(async () => {
      const { items } = await new Carriage(sally).outbox({ state: 'waiting', limit: 9 });
      expect(items[0]).toMatchObject({ tries: expect.any(Number), error: expect.stringContaining('fred') });
    });
    await startFred();
    await settled({ delivered: 2 });
    await stopFred();
    await send(network.message());
    await startFred();
    await settled({ delivered: 3 });
    expect((await fredsInbox()).items).toHaveLength(3);
  });

  test('an answer that is lost is asked for again: one alert, one entry in the log', async () => {
    await startFred();
    const lost = vi.spyOn(sally.database, 'updateTable').mockImplementationOnce(() => {
      throw new Error('the process ends here');
    });
    await send(network.message());
    await settled({ delivered: 1 });
    expect(lost).toHaveBeenCalled();
    const { items, logged } = await fredsInbox();
    expect([items.length, logged.length]).toEqual([1, 1]);
  });

  test('a slow receiver is asked one thing at a time, and for more the longer it takes', async () => {
    let open = 0;
    let most = 0;
    const slow = await answering(async (documents) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 100));
      open--;
      return taken(documents);
    });
    for (let i = 0; i < 5; i++) await send(network.message());
    await settled({ delivered: 5 });
    expect(most).toBe(1);
    expect(slow.requests.length).toBeLessThan(5);
  });

  test('once the agreement has ended here nothing leaves: what waits is dead, with the reason', async () => {
    const server = await answering(taken);
    await network.sally(({ agreements }) =>
      agreements.revoke(network.agreement, { reason: 'It is over', person: 'ann' }),
    );
    await send(network.message(), network.message());
    await settled({ dead: 2, waiting: 0 });
    expect(server.requests).toEqual([]);
    const { items } = await new Carriage(sally).outbox({ state: 'dead', limit: 9 });
    expect(items.map(({ error }) => error)).toEqual(
      Array(2).fill(expect.stringMatching(/^agreement-revoked: .*It is over/)),
    );
    expect(await eventsOf(sally, 'alert-undeliverable')).toMatchObject([{ code: 'agreement-revoked', message: null }]);
    await new Carriage(sally).retry(items[0]!.id);
    delivery.wake('fred');
    await settled({ dead: 2, waiting: 0 });
    expect(server.requests).toEqual([]);
  });

  test('nor does anything leave once the approval is taken back', async () => {
    const server = await answering(taken);
    await network.sally(({ agreements }) => agreements.withdrawApproval(network.agreement, 'alerts'));
    await send(network.message());
    await settled({ dead: 1, waiting: 0 });
    expect(server.requests).toEqual([]);
    expect(await eventsOf(sally, 'alert-undeliverable')).toMatchObject([{ code: 'unapproved' }]);
  });

  test('what waited until its link was too old does not leave; what takes something back does', async () => {
    const server = await answering(taken);
    const ended = (days: number) =>
      sally.database
        .updateTable('run')
        .set({ ended_at: new Date(Date.now() - days * 86_400_000).toISOString() })
        .where('attempt', '=', network.link)
        .execute();
    await ended(30.01);
    const told = network.message();
    const back = network.message({ retracts: told.id });
    await send(told, back, network.message());
    await settled({ dead: 2, delivered: 1, waiting: 0 });
    expect(server.requests.map(idsIn)).toEqual([[back.id]]);
    const { items } = await new Carriage(sally).outbox({ state: 'dead', limit: 9 });
    expect(items.map(({ error }) => error)).toEqual(Array(2).fill(expect.stringMatching(/^alert-link: .*30 days/)));
    await new Carriage(sally).retry(told.id);
    delivery.wake('fred');
    await settled({ dead: 2, waiting: 0 });
    await ended(29.9);
    await send(network.message());
    await settled({ delivered: 2 });
    expect(server.requests).toHaveLength(2);
  });

  test('a receiver without room for more loses nothing: all waits', async () => {
    const full = vi
      .spyOn(AlertReceiver.prototype, 'receive')
      .mockRejectedValueOnce(Object.assign(new Error('database or disk is full'), { errcode: 13 }));
    await startFred();
    await send(network.message());
    await vi.waitFor(async () => {
      const { items } = await new Carriage(sally).outbox({ state: 'waiting', limit: 9 });
      expect(items[0]?.error).toMatch(/^storage-full: fred answered: /);
    });
    full.mockRestore();
    await settled({ delivered: 1, dead: 0 });
  });

  test('answers that cannot be are not believed', async () => {
    const answers: ((ids: string[]) => unknown)[] = [
      () => ({ results: [] }),
      (ids) => ({ results: [...ids, ...ids].map((id) => ({ id, outcome: 'taken' })) }),
      () => ({ results: [{ id: base64url(new Uint8Array(16)), outcome: 'taken' }] }),
      (ids) => ({ results: ids.map((id) => ({ id, outcome: 'perhaps' })) }),
      () => 'yes',
    ];
    let asked = 0;
    await answering(async (documents) =>
      asked < answers.length ? answers[asked++]!(idsIn(documents)) : taken(documents),
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'Date'], shouldAdvanceTime: true, advanceTimeDelta: 200 });
    onTestFinished(() => void vi.useRealTimers());
    await send(network.message());
    for (let i = 0; i < 400 && (await counts()).delivered === 0; i++) {
      expect((await counts()).dead).toBe(0);
      await vi.advanceTimersByTimeAsync(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await counts()).toEqual({ waiting: 0, delivered: 1, dead: 0 });
    expect(asked).toBe(answers.length);
  });

  test('a message that its receiver cannot answer is not in the way of others for long', async () => {
    const poison = network.message();
    await answering(async (documents) => {
      if (idsIn(documents).includes(poison.id)) throw new Error('the receiver fails');
      return taken(documents);
    });
    await send(poison, network.message(), network.message());
    await settled({ delivered: 2, waiting: 1 });
  });

  test('partners may tell alerts more often than they may ask for anything else, but not without end', async () => {
    configure(network, 'fred', { alerts: { maxRequestsPerMinute: 2 } });
    await startFred();
    for (let i = 0; i < 2; i++) {
      await send(network.message());
      await settled({ delivered: i + 1 });
    }
    await send(network.message());
    await vi.waitFor(async () => {
      const { items } = await new Carriage(sally).outbox({ state: 'waiting', limit: 9 });
      expect(items[0]?.error).toMatch(/^too-many-requests: /);
    });
    expect((await counts()).dead).toBe(0);
  });
});

onBothDatabases(() => {
  beforeEach(setUp);

  test('what is committed arrives, in order and once, and is erased here', async () => {
    await startFred();
    const messages = Array.from({ length: 150 }, () => network.message());
    await send(...messages.slice(0, 70));
    await send(...messages.slice(70));
    await settled({ delivered: 150, waiting: 0, dead: 0 });
    const { items, logged } = await fredsInbox();
    expect(items.map(({ id }) => id).sort()).toEqual(messages.map(({ id }) => id).sort());
    expect(logged).toHaveLength(150);
    const kept = await sally.database.selectFrom('alert_outbox').select(['document', 'ended_at']).execute();
    expect(kept.every(({ document, ended_at }) => document === null && ended_at !== null)).toBe(true);
  });

  test('what is refused is dead, visible and logged, the rest arrives; sent again it arrives once the reason is gone', async () => {
    await startFred();
    const stranger = network.message({ rows: [8] });
    const good = network.message();
    await send(stranger, good);
    await settled({ delivered: 1, dead: 1 });
    const { items } = await new Carriage(sally).outbox({ state: 'dead', limit: 9 });
    expect(items).toMatchObject([{ id: stranger.id, error: expect.stringMatching(/^alert-link: fred answered: /) }]);
    expect(await eventsOf(sally, 'alert-undeliverable')).toMatchObject([
      { message: stranger.id, to: 'fred', code: 'alert-link' },
    ]);

    await network.fred(({ agreements }) => agreements.suspend(network.agreement, { reason: 'A check', person: 'ann' }));
    const early = network.message();
    // Fred's notice has not reached Sally, who has no server here.
    await send(early);
    await settled({ dead: 2 });
    await network.fred(({ agreements }) =>
      agreements.resume(network.agreement, { reason: 'All is well', person: 'ann' }),
    );
    const again = await new Carriage(sally).retry(early.id);
    expect(again).toMatchObject({ state: 'waiting', error: null });
    delivery.wake('fred');
    await settled({ delivered: 2, dead: 1 });
    await expect(new Carriage(sally).retry(early.id)).rejects.toMatchObject({ code: 'conflict' });
  });
});
