import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { reachability } from '../src/agreements/reachability.ts';
import { requestStudy } from '../src/request-study.ts';
import { marketNetwork, publishAll, wish } from './market-network.ts';

test('a researcher whose laptop nobody can reach browses, asks, fetches the licence, runs, and learns of a revocation', async () => {
  const network = await marketNetwork({ laptop: true });
  onTestFinished(() => network.close());
  await publishAll(network);
  await network.start();
  const { as, homes } = network;
  const { card, config } = homes.researcher;
  expect(card).toMatchObject({ outbound: true, address: 'https://researcher.invalid:443' });
  // Nobody listens; the control: at an owner somebody does.
  const listens = ({ host, port }: { host: string; port: number }) =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, host, () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
  expect(await listens({ host: '127.0.0.1', port: config.listen.port })).toBe(false);
  expect(await listens(homes.hospital.config.listen)).toBe(true);

  expect(await as('researcher', ({ market }) => market.offers('hospital'))).toHaveLength(1);
  const asked = await as('researcher', ({ market }) => market.request(wish()));
  for (const party of ['hospital', 'insurer'] as const) {
    await as(party, ({ market }) => market.approve(asked.hash, { studies: true }));
  }
  const stateHere = () => as('researcher', async ({ market }) => (await market.show(asked.hash)).state);
  expect(await stateHere()).toBe('proposed');
  expect(await as('researcher', ({ market }) => market.fetch())).toEqual([asked.hash]);
  expect(await stateHere()).toBe('active');
  expect(await as('researcher', ({ market }) => market.fetch())).toEqual([]);

  const { findings } = await as('hospital', ({ agreements }) => agreements.check(asked.hash));
  expect(findings.filter(({ check }) => check === 'members')).toMatchObject([
    { state: 'ok' },
    { state: 'warning', text: 'nobody can reach researcher: it starts every run itself' },
  ]);

  const run = { agreement: asked.hash, study: 'by-region' };
  const { id, details } = await requestStudy(homes.researcher.path, run);
  expect(details!.to).toEqual(['researcher']);
  expect((await as('researcher', ({ studies }) => studies.result(id)))!.rows[0]).toEqual(['north', '30', '159']);
  // The other way round nobody can begin.
  await expect(requestStudy(homes.hospital.path, run)).rejects.toMatchObject({
    code: 'peer-gone',
    culprit: 'researcher',
  });

  await as('hospital', ({ agreements }) => agreements.revoke(asked.hash, { reason: 'Enough', person: 'owner' }));
  await expect(requestStudy(homes.researcher.path, run)).rejects.toMatchObject({ code: 'agreement-revoked' });
  await as('researcher', ({ market }) => market.fetch());
  expect(await stateHere()).toBe('revoked');
  expect((await as('hospital', ({ agreements }) => agreements.show(asked.hash))).untold).not.toContain('researcher');
});

test('two parties that nobody can reach are told before they sign that they can never meet', () => {
  const parties = [{ id: 'hospital' }, { id: 'laptop' }, { id: 'researcher' }];
  const cards = [
    { id: 'hospital' },
    { id: 'laptop', outbound: true as const },
    { id: 'researcher', outbound: true as const },
  ];
  expect(reachability({ parties }, cards)).toEqual([
    {
      check: 'members',
      state: 'fault',
      text: 'laptop and researcher can never meet: both open every connection themselves, and one of two must be reachable',
      code: 'peer-gone',
      hint: expect.stringContaining('symbolon init'),
    },
  ]);
  expect(reachability({ parties }, cards.slice(0, 2))).toMatchObject([{ state: 'warning' }]);
  // A card that is not here yet says nothing.
  expect(reachability({ parties }, cards.slice(0, 1))).toEqual([]);
});
