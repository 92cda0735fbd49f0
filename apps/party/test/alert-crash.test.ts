import { fork } from 'node:child_process';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Carriage } from '../src/alerts/carriage.ts';
import { AlertInbox } from '../src/alerts/inbox.ts';
import { startParty } from '../src/index.ts';
import { type AlertNetwork, alertNetwork, outgoing, within } from './alert-network.ts';
import { eventsOf, quiet } from './network.ts';

let network: AlertNetwork;
beforeEach(async () => {
  network = await alertNetwork();
  onTestFinished(() => network.close());
});

const start = async (id: 'fred' | 'sally') => {
  const server = await startParty({ homePath: network.homes[id].path, logger: quiet });
  onTestFinished(() => server.close());
};

/** Starts a party that dies at a step. Resolves when it listens. */
async function startDying(
  id: 'fred' | 'sally',
  step: string,
): Promise<{ readonly died: Promise<NodeJS.Signals | null> }> {
  const child = fork(join(import.meta.dirname, 'dying-alerts.ts'), [network.homes[id].path, step], { execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const died = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  await Promise.race([new Promise((resolve) => child.once('message', resolve)), died]);
  return { died };
}

const send = async () => {
  const messages = [network.message(), network.message(), network.message()];
  await within(network, 'sally', (sally) => outgoing(sally, network.homes.sally.signingKey, messages));
  return messages.map(({ id }) => id).sort();
};

/** Each message is in Fred's inbox and in his log, once; nothing waits at Sally's. */
async function exactlyOnce(ids: readonly string[]): Promise<void> {
  await within(network, 'sally', (sally) =>
    vi.waitFor(async () => expect(await new Carriage(sally).counts()).toEqual({ waiting: 0, delivered: 3, dead: 0 }), {
      interval: 50,
    }),
  );
  await within(network, 'fred', async (fred) => {
    const { items } = await new AlertInbox(fred).list({ limit: 100 });
    expect(items.map(({ id }) => id).sort()).toEqual(ids);
    expect((await eventsOf(fred, 'alert-received')).map(({ message }) => message).sort()).toEqual(ids);
  });
}

test.each([
  ['asked', 0],
  ['keeping', 0],
  ['kept', 3],
] as const)('a receiver killed once it is %s gets all, each once', async (step, before) => {
  const { died } = await startDying('fred', step);
  const ids = await send();
  await start('sally');
  expect(await died).toBe('SIGKILL');
  await within(network, 'fred', async (fred) =>
    expect((await new AlertInbox(fred).list({ limit: 100 })).items).toHaveLength(before),
  );
  await start('fred');
  await exactlyOnce(ids);
});

test('a sender killed once it was answered sends again, and nothing comes twice', async () => {
  await start('fred');
  const ids = await send();
  const { died } = await startDying('sally', 'answered');
  expect(await died).toBe('SIGKILL');
  await within(network, 'sally', async (sally) =>
    expect(await new Carriage(sally).counts()).toMatchObject({ waiting: 3 }),
  );
  await start('sally');
  await exactlyOnce(ids);
});
