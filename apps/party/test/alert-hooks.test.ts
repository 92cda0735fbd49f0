import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AlertMessage, signMessage } from '@symbolon/alerts';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Escalation } from '../src/alerts/escalation.ts';
import { restHookRequest } from '../src/alerts/hook-bodies.ts';
import { type HookSettings, hookSettings } from '../src/alerts/hook-settings.ts';
import { Hooks, hookStates } from '../src/alerts/hooks.ts';
import { AlertInbox } from '../src/alerts/inbox.ts';
import { AlertReceiver } from '../src/alerts/receive.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { type AlertNetwork, alertNetwork } from './alert-network.ts';
import { eventsOf, quiet } from './network.ts';

const secret = 'a secret of 32 characters or more';
const environment = { WARD_SECRET: secret, WARD_TOKEN: 'a token that is long enough' };

let network: AlertNetwork;
let fred: PartyContext;
let later: number;
async function setUp(): Promise<void> {
  network = await alertNetwork();
  later = 0;
  fred = await openContext(network.homes.fred.path, { logger: quiet, now: () => new Date(Date.now() + later) });
  onTestFinished(async () => {
    await fred.close();
    await network.close();
  });
}

interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A program of Fred's that answers what a test says. */
async function program(answer: (n: number) => { status: number; headers?: Record<string, string>; body?: string }) {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const { status, headers = {}, body = '' } = answer(posted.length);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { posted, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?who=fred` };
}

const webhook = (url: string): HookSettings =>
  hookSettings.parse({ kind: 'webhook', name: 'ward', url, secret: { environment: 'WARD_SECRET' } });

function running(settings: HookSettings[]) {
  const hooks = new Hooks(fred, settings, environment);
  const names = settings.map(({ name }) => name);
  const receiver = new AlertReceiver(fred, { hooks: names, kept: () => hooks.wake() });
  const escalation = new Escalation(fred, { hooks: names, raised: () => hooks.wake() });
  onTestFinished(async () => {
    await escalation.close();
    await hooks.close();
  });
  const came = async (change: Partial<AlertMessage> = {}) => {
    const message = network.message(change);
    const [result] = await receiver.receive(network.homes.sally.card, [
      signMessage(message, network.homes.sally.signingKey),
    ]);
    expect(result).toMatchObject({ outcome: 'taken' });
    return message;
  };
  return { hooks, came, escalation };
}

describe('programs', () => {
  beforeEach(setUp);

  test('a webhook is told what came, signed; a retraction too', async () => {
    const { posted, url } = await program(() => ({ status: 204 }));
    const { came } = running([webhook(url)]);
    const message = await came({ code: { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I50.9' } });
    const back = await came({ retracts: message.id });
    await vi.waitFor(() => expect(posted).toHaveLength(2));
    const [first, second] = posted.map(({ headers, body }) => {
      const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['symbolon-signature']))!;
      expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'));
      expect(Math.abs(Number(t) - Date.now() / 1000)).toBeLessThan(60);
      const told = JSON.parse(body);
      expect(headers['symbolon-delivery']).toBe(told.id);
      return told;
    });
    expect(first).toMatchObject({ id: `${message.id}.received`, occasion: 'received' });
    expect(first.alert).toMatchObject({
      ...{ id: message.id, keys: ['M-104'], event: 'heart-failure', sender: 'sally', facility: 'General Hospital' },
      ...{ code: { code: 'I50.9' }, time: message.time },
    });
    expect(second).toMatchObject({
      id: `${back.id}.retracted`,
      occasion: 'retracted',
      alert: { retracts: message.id },
    });
    await vi.waitFor(async () =>
      expect(await hookStates({ ...fred, settings: { alerts: { hooks: [webhook(url)] } } as never })).toMatchObject([
        { name: 'ward', waiting: 0, error: null, lastDelivered: expect.any(String) },
      ]),
    );
  });

  test('a rest-hook gets the FHIR Bundle, with the own key in the place of the row', async () => {
    const { posted, url } = await program(() => ({ status: 200 }));
    const { came } = running([
      hookSettings.parse({ kind: 'rest-hook', name: 'fhir', url, token: { environment: 'WARD_TOKEN' } }),
    ]);
    const message = await came();
    await vi.waitFor(() => expect(posted).toHaveLength(1));
    const [{ headers, body }] = posted as [Posted];
    expect(headers).toMatchObject({
      'content-type': 'application/fhir+json',
      authorization: `Bearer ${environment.WARD_TOKEN}`,
    });
    const bundle = JSON.parse(body);
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'message', identifier: { value: message.id } });
    const patient = bundle.entry.find(
      ({ resource }: { resource: { resourceType: string } }) => resource.resourceType === 'Patient',
    );
    expect(patient.resource.identifier).toEqual([{ system: 'urn:symbolon:key', value: 'M-104' }]);
    expect(body).not.toContain(network.link);
  });

  test('a measurement keeps its digits', () => {
    const message = network.message({ kind: 'Observation', value: { value: '1.50', unit: 'mmol/L' } });
    const event = { occasion: 'received' as const, alert: { id: message.id, keys: ['M-104'] } as never, message };
    expect(restHookRequest(event, undefined).body).toContain('"value":1.50,');
  });

  test('what a program answers is not read without end', async () => {
    const { posted, url } = await program((n) => ({ status: 200, body: n === 1 ? 'x'.repeat(50_000_000) : '' }));
    const { came } = running([webhook(url)]);
    const before = process.memoryUsage().rss;
    await came();
    await vi.waitFor(async () => {
      const [row] = await fred.database.selectFrom('alert_hook').selectAll().execute();
      expect(row).toMatchObject({ tries: 1, error: null, delivered_at: expect.any(String) });
    });
    expect(posted).toHaveLength(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  test.each([
    ['a secret that is not there', { environment: 'NOWHERE' }],
    ['one that can be guessed', { environment: 'SHORT' }],
    ['a file that is not there', { file: 'nothing' }],
  ])('%s is refused when the server starts', (_, place) => {
    const settings = hookSettings.parse({ kind: 'webhook', name: 'ward', url: 'https://example.org/', secret: place });
    expect(() => new Hooks(fred, [settings], { SHORT: 'secret' })).toThrow(/holds no secret of 16 characters/);
  });

  test('only https may be told, but for this machine', () => {
    const parse = (url: string) => hookSettings.safeParse({ kind: 'rest-hook', name: 'ward', url }).success;
    expect(['http://example.org/', 'ftp://example.org/', 'file:///etc/passwd', 'no'].map(parse)).not.toContain(true);
    expect(['https://example.org/x', 'http://localhost:1/'].map(parse)).not.toContain(false);
  });
});

onBothDatabases(() => {
  beforeEach(setUp);

  test('it is told again until it says that it has it, under one id; others are told meanwhile', async () => {
    let kept: string | undefined;
    const { posted, url } = await program((n) =>
      n <= 2 ? { status: 500 } : n === 3 ? { status: 302, headers: { location: '/elsewhere' } } : { status: 200 },
    );
    const other = await program(() => ({ status: 200 }));
    const { came, hooks } = running([webhook(url), { ...webhook(other.url), name: 'desk' }]);
    const message = await came();
    for (let tries = 1; tries <= 4; tries++) {
      await vi.waitFor(() => expect(posted).toHaveLength(tries));
      await vi.waitFor(async () => {
        const {
          tries: recorded,
          error,
          delivered_at,
        } = await fred.database
          .selectFrom('alert_hook')
          .selectAll()
          .where('hook', '=', 'ward')
          .executeTakeFirstOrThrow();
        expect(recorded).toBe(tries);
        expect(error === null).toBe(tries === 4);
        expect(delivered_at === null).toBe(tries < 4);
        kept ??= error!;
      });
      later += 600_000;
      hooks.wake();
    }
    expect(kept).toMatch(/^peer-gone: http:\/\/127\.0\.0\.1:\d+ answered with HTTP status 500$/);
    expect(new Set(posted.map(({ headers }) => headers['symbolon-delivery']))).toEqual(
      new Set([`${message.id}.received`]),
    );
    expect(other.posted).toHaveLength(1);
  });

  test('an alert that nobody acknowledges in time is raised once: marked, logged, told again', async () => {
    const { posted, url } = await program(() => ({ status: 200 }));
    const { came, escalation } = running([webhook(url)]);
    const [seen, unseen, back] = [await came(), await came(), await came()];
    await came({ retracts: back.id });
    const inbox = new AlertInbox(fred);
    await inbox.acknowledge([seen.id]);
    const raised = async () => (await inbox.list({ limit: 9, escalated: true })).items.map(({ id }) => id);
    const look = async () => {
      escalation.wake();
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    later = 59 * 60_000;
    await look();
    expect(await raised()).toEqual([]);
    later = 61 * 60_000;
    await look();
    await vi.waitFor(async () => expect(await raised()).toHaveLength(2));
    await look();
    // The retraction waits for somebody, too; what it took back does not.
    expect(await raised()).toContain(unseen.id);
    expect(await raised()).not.toContain(back.id);
    expect(await eventsOf(fred, 'alert-escalated')).toHaveLength(2);
    await vi.waitFor(() => expect(posted).toHaveLength(6));
    const told = posted.map(({ body }) => JSON.parse(body)).filter(({ occasion }) => occasion === 'escalated');
    expect(told.map(({ alert }) => alert.id).sort()).toEqual((await raised()).sort());
    await inbox.acknowledge([unseen.id]);
    expect(await raised()).toHaveLength(1);
    expect(await inbox.show(unseen.id)).toMatchObject({ state: 'acknowledged', escalatedAt: expect.any(String) });
  });
});
