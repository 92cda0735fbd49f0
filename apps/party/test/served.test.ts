import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiClient, freePort, homePaths, localClient, people, peopleClient, type Role } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { runLinkOn, servedOrganisation } from '../src/index.ts';
import { agree, testNetwork } from './network.ts';

test('through the API a user sees what the folder says, and does what the roles allow', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  const { fred: home } = network.homes;
  const port = await freePort('127.0.0.1');
  const file = homePaths(home.path).config;
  const config = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...config, settings: { people: { port } } }));
  await network.start();
  const hash = await agree(network);
  const owner = apiClient(localClient(home));
  onTestFinished(() => owner.close());
  const url = `http://127.0.0.1:${port}`;
  const password = 'vqx7-marmot-trellis-98';
  const as = async (user: string, roles: Role[]) => {
    const { code } = await owner.call(people.addUser, { body: { id: user, name: user, roles } });
    const stranger = peopleClient({ url });
    onTestFinished(() => stranger.close());
    await stranger.call(people.setUpPassword, { body: { code, password } });
    const { token } = await stranger.call(people.logIn, { body: { user, password } });
    const client = peopleClient({ url, token });
    onTestFinished(() => client.close());
    return { client, organisation: servedOrganisation(client) };
  };
  const steward = await as('stella', ['data-steward', 'operator']);
  const analyst = await as('anton', ['analyst']);
  const auditor = await as('audrey', ['auditor']);

  expect(await steward.organisation.data.list()).toEqual(await network.fred(({ data }) => data.list()));
  expect(await analyst.organisation.agreements.show(hash)).toEqual(
    await network.fred(({ agreements }) => agreements.show(hash)),
  );
  const add = steward.organisation.data.add('more', { kind: 'csv', path: join(network.folder, 'members.csv') });
  await expect(add).rejects.toMatchObject({ code: 'forbidden' });
  await expect(runLinkOn(auditor.client, { agreement: hash }, {})).rejects.toMatchObject({ code: 'forbidden' });

  const run = await runLinkOn(analyst.client, { agreement: hash }, {});
  expect(await analyst.organisation.links.show(run)).toEqual(await network.fred(({ links }) => links.show(run)));
  const matches = [];
  for await (const match of analyst.organisation.links.matches(run)) matches.push(match);
  expect(matches.length).toBeGreaterThan(0);
  expect(await analyst.organisation.links.statement(run)).toEqual(
    new Uint8Array((await network.fred(({ links }) => links.statement(run)))!),
  );
  const params = { block: ['a.born = b.born'], sample: 5, seed: 7 };
  const tuned = await analyst.organisation.agreements.tune(hash, params);
  expect(tuned).toEqual(await network.fred(({ agreements }) => agreements.tune(hash, params)));
  expect(tuned.keys.some(({ from, sql }) => from === 'given' && sql === params.block[0])).toBe(true);
  const pairs = [
    { a: { medicaid: 'M1', name: 'Ann', born: '1980-05-17' }, b: { medicaid: 'M1', name: 'Ann', born: null } },
  ];
  expect(await analyst.organisation.agreements.tune(hash, { pairs })).toMatchObject({
    pairs: { source: 'labelled', tried: 1, matching: 1 },
  });
  await expect(auditor.organisation.agreements.tune(hash)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await auditor.organisation.audit.verify()).toEqual(await network.fred(({ audit }) => audit.verify()));
});
