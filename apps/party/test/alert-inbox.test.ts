import { type AlertMessage, signMessage } from '@symbolon/alerts';
import { base64url, systemRng } from '@symbolon/crypto';
import type { Person } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { Carriage } from '../src/alerts/carriage.ts';
import { Follower } from '../src/alerts/follow.ts';
import { AlertInbox } from '../src/alerts/inbox.ts';
import { AlertReceiver } from '../src/alerts/receive.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { fingerprint } from '../src/data/fingerprint.ts';
import { type AlertNetwork, alertNetwork, numberOf } from './alert-network.ts';
import { eventsOf, quiet } from './network.ts';

let network: AlertNetwork;
let fred: PartyContext;
let inbox: AlertInbox;
let follower: Follower;
let receiver: AlertReceiver;
async function setUp(): Promise<void> {
  network = await alertNetwork();
  fred = await openContext(network.homes.fred.path, { logger: quiet });
  inbox = new AlertInbox(fred);
  follower = new Follower(fred);
  receiver = new AlertReceiver(fred, { hooks: ['ward'], kept: () => follower.wake() });
  onTestFinished(async () => {
    await fred.close();
    await network.close();
  });
}

const ann: Person = { kind: 'user', id: 'ann', roles: ['analyst'] };
const bob: Person = { kind: 'user', id: 'bob', roles: ['data-steward'] };

/** Takes messages in. @returns their ids */
async function came(...changes: Partial<AlertMessage>[]): Promise<string[]> {
  const { card, signingKey } = network.homes.sally;
  const messages = changes.map((change) => network.message(change));
  const results = await receiver.receive(
    card,
    messages.map((message) => signMessage(message, signingKey)),
  );
  expect(results).toEqual(messages.map(({ id }) => ({ id, outcome: 'taken' })));
  return messages.map(({ id }) => id);
}
const idsOf = (alerts: readonly { readonly id: string }[]) => alerts.map(({ id }) => id);

onBothDatabases(() => {
  beforeEach(setUp);

  test('alerts are listed newest first and exported oldest first, page by page, and filtered', async () => {
    const ids = await came(...Array.from({ length: 7 }, () => ({})));
    const pages: string[][] = [];
    for (let after: string | undefined; pages.length < 9; ) {
      const { items, next } = await inbox.list({ limit: 3, after });
      pages.push(idsOf(items));
      if (next === null) break;
      // What comes meanwhile moves nothing.
      await came({});
      after = next;
    }
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(ids.toReversed());
    const first = await inbox.export({ limit: 5 });
    const rest = await inbox.export({ limit: 100, after: first.next! });
    expect(idsOf([...first.items, ...rest.items]).slice(0, 7)).toEqual(ids);
    expect(first.items[0]).toMatchObject({ facility: 'General Hospital', sentAt: expect.any(String) });
    const since = (await inbox.show(ids[3]!)).receivedAt;
    const later = (await inbox.list({ limit: 100, since })).items;
    expect(later.length).toBeGreaterThanOrEqual(6);
    expect(later.every(({ receivedAt }) => receivedAt >= since)).toBe(true);
    expect((await inbox.list({ limit: 9, event: 'stroke' })).items).toEqual([]);
    await expect(inbox.list({ limit: 9, after: 'x' })).rejects.toMatchObject({ code: 'request-invalid' });
  });

  test('who acknowledges first stays, each in the log once; of one that is not here nothing is acknowledged', async () => {
    const [one, two, three] = (await came({}, {}, {})) as [string, string, string];
    await expect(inbox.acknowledge([one, base64url(systemRng(16))], undefined, ann)).rejects.toMatchObject({
      code: 'not-found',
    });
    expect((await inbox.list({ limit: 9, open: true })).items).toHaveLength(3);
    const both = await Promise.all([
      inbox.acknowledge([one], 'On it', ann),
      inbox.acknowledge([one, two, two], undefined, bob),
    ]);
    expect(both[1].map(({ id }) => id)).toEqual([one, two]);
    const { acknowledgedBy, escalatesAt, state } = await inbox.show(one);
    expect({ state, escalatesAt }).toEqual({ state: 'acknowledged', escalatesAt: null });
    await inbox.acknowledge([one], 'Me too', bob);
    expect((await inbox.show(one)).acknowledgedBy).toBe(acknowledgedBy);
    const logged = await eventsOf(fred, 'alert-acknowledged');
    expect(logged.map(({ message }) => message).sort()).toEqual([one, two].sort());
    expect(JSON.stringify(logged)).not.toContain('On it');
    expect(idsOf((await inbox.list({ limit: 9, open: true })).items)).toEqual([three]);
  });

  test('who follows gets each alert once: those after the last it had, then those that come', async () => {
    const [one, two] = await came({}, {});
    const { number } = await inbox.show(one!);
    const stop = new AbortController();
    const stream = follower.follow(number, stop.signal);
    const next = async () => (await stream.next()).value?.data.id;
    expect(await next()).toBe(two);
    const waiting = next();
    const [three, four] = await came({}, {});
    expect([await waiting, await next()]).toEqual([three, four]);
    const last = next();
    stop.abort();
    expect(await last).toBeUndefined();
    const fresh = follower.follow(undefined, new AbortController().signal);
    const first = fresh.next();
    await new Promise((resolve) => setImmediate(resolve));
    const [five] = await came({});
    expect((await first).value?.data.id).toBe(five);
    await fresh.return(undefined);
  });

  test('who is erased is in no alert any more, nor in what waits for programs; a legal hold forbids it', async () => {
    const both = [numberOf['M-102'], numberOf['M-104']];
    const [mine, shared, other] = await came({ rows: [numberOf['M-102']] }, { rows: both }, {});
    const people = { dataset: 'members', column: 'medicaid', values: ['m-102'] };
    await network.fred(async ({ subjects }) => {
      await subjects.hold({ dataset: 'members', reason: 'A lawsuit' });
      await expect(subjects.erase(people)).rejects.toMatchObject({ code: 'legal-hold' });
      expect((await inbox.list({ limit: 9 })).items).toHaveLength(3);
    });
    await fred.database.deleteFrom('legal_hold').execute();
    const erased = await network.fred(({ subjects }) => subjects.erase(people));
    expect(erased).toMatchObject({ people: 1, matches: 1, alerts: 2 });
    const left = (await inbox.list({ limit: 9 })).items;
    expect(left.map(({ id, keys }) => [id, keys])).toEqual([
      [other, ['M-104']],
      [shared, ['M-104']],
    ]);
    const waiting = await fred.database.selectFrom('alert_hook').select('alert').execute();
    expect(waiting.map(({ alert }) => alert).sort()).toEqual([shared, other].sort());
    expect(mine).toBeDefined();
  });

  test('also by a column that the link does not know them by', async () => {
    await came({ rows: [numberOf['M-102']] }, {});
    const people = { dataset: 'members', column: 'name', values: ['Cleo Park'] };
    // A source that has changed since tells nobody apart; this link has not said which it had.
    const erase = () => network.fred(({ subjects }) => subjects.erase(people));
    expect(await erase()).toMatchObject({ alerts: 1, matches: 0, unknown: [1] });
    const data = await fingerprint(await fred.datasets.source('members'));
    await fred.database
      .updateTable('run')
      .set({ details: JSON.stringify({ data }) })
      .execute();
    expect(await erase()).toMatchObject({ alerts: 0, matches: 1, unknown: [] });
    expect((await inbox.list({ limit: 9 })).items.map(({ keys }) => keys)).toEqual([['M-104']]);
  });

  test('a message is not sent again that has arrived or is not here', async () => {
    const carriage = new Carriage(fred);
    await expect(carriage.retry('nothing')).rejects.toMatchObject({ code: 'not-found' });
    expect(await carriage.counts()).toEqual({ waiting: 0, delivered: 0, dead: 0 });
  });
});
