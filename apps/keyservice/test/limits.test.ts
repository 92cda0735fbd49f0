import { base64url, systemRng } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import { collect, network, openBoth, settled } from './network.ts';

const attempt = () => base64url(systemRng(32));

test('an organisation that asks for many sessions at once waits in as many as it may', async () => {
  const { parties, stop } = await network({ maxSessionsPerPartner: 2, waitSeconds: 600 });
  const [fred] = parties;
  await fred.keys.open(await fred.request({ parties: [] }), 20_000).catch(() => undefined);
  const requests = await Promise.all(Array.from({ length: 8 }, () => fred.request({ attempt: attempt() })));
  const refused: unknown[] = [];
  const asked = requests.map((request) =>
    fred.keys.open(request, 20_000).catch((error: unknown) => refused.push(error)),
  );
  await expect.poll(() => refused.length).toBe(6);
  for (const error of refused) expect(error).toMatchObject({ code: 'keyservice-refused', culprit: 'fred' });
  await stop();
  await Promise.all(asked);
});

test('full-length pads are handed out once, though they are asked for twice at once', async () => {
  const net = await network();
  const [fred] = net.parties;
  const [open] = await openBoth(net, [{ pads: 'full' }, { pads: 'full' }]);
  const { session } = settled(open!);
  const bytes = 3 * (8 + 20) * 2;
  const pads = () => collect(fred.keys.pads(session, bytes));
  const outcomes = await Promise.allSettled([pads(), pads(), pads()]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'session-burned' });
  }
});

test('the full-length pads of all sessions together have a bound', async () => {
  const bytes = (3 + 5) * (8 + 20) * 2;
  const net = await network({ maxPadBytes: 2 * bytes });
  const open = (id: string) =>
    openBoth(net, [
      { pads: 'full', attempt: id },
      { pads: 'full', attempt: id },
    ]);
  const [first] = await open(attempt());
  settled((await open(attempt()))[0]!);
  for (const outcome of await open(attempt())) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'keyservice-refused' } });
  }
  await net.parties[1].keys.abort(settled(first!).session);
  settled((await open(attempt()))[1]!);
});
