import { apiClient, localClient, people, type Role } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { Organisation, servedOrganisation } from '../src/index.ts';
import { agree, quiet, testNetwork } from './network.ts';

test('over the API: officers answer patients, two of them lift a hold, analysts and the owner do not', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  await agree(network, { signed: false });
  await network.start();
  const { fred: home } = network.homes;
  const connected = (token?: string) => {
    const client = apiClient(localClient(home), token === undefined ? {} : { token });
    onTestFinished(() => client.close());
    return client;
  };
  const owner = connected();
  const password = 'vqx7-marmot-trellis-98';
  const as = async (user: string, roles: Role[]) => {
    const { code } = await owner.call(people.addUser, { body: { id: user, name: user, roles } });
    await owner.call(people.setUpPassword, { body: { code, password } });
    const { token } = await owner.call(people.logIn, { body: { user, password } });
    const client = connected(token);
    return { subjects: servedOrganisation(client).subjects };
  };
  const ann = await as('ann', ['privacy-officer']);
  const stella = await as('stella', ['data-steward']);
  const anton = await as('anton', ['analyst']);

  const one = { dataset: 'members', values: ['M-100'] };
  expect(await ann.subjects.optOut(one, { purpose: 'HRESCH', from: '2026-01-01' })).toMatchObject({ people: 1 });
  expect(await ann.subjects.list()).toMatchObject([{ purpose: 'HRESCH', from: '2026-01-01', people: 1 }]);
  expect(await stella.subjects.optIn(one, { purpose: 'HRESCH' })).toMatchObject({ people: 1 });
  await expect(anton.subjects.optOut(one)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(anton.subjects.list()).rejects.toMatchObject({ code: 'forbidden' });

  const { id, stands } = await stella.subjects.hold({ dataset: 'members', reason: 'Case 12' });
  expect(stands).toBe(true);
  await expect(ann.subjects.erase(one)).rejects.toMatchObject({ code: 'legal-hold', culprit: id });
  await expect(servedOrganisation(owner).subjects.lift(id)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await ann.subjects.lift(id)).toMatchObject({ stands: true, liftAskedBy: 'ann' });
  await expect(ann.subjects.lift(id)).rejects.toMatchObject({ code: 'conflict' });
  expect(await stella.subjects.lift(id)).toMatchObject({ stands: false, liftedBy: 'stella' });
  expect(await ann.subjects.holds()).toMatchObject([{ id, liftAskedBy: 'ann', liftedBy: 'stella' }]);
  expect(await ann.subjects.erase(one)).toMatchObject({ people: 1, records: 1, matches: 0, unknown: [] });

  // Opening the folder is no way around.
  const folder = await Organisation.open(home.path, { logger: quiet });
  onTestFinished(() => folder.close());
  await expect(folder.subjects.optOut(one)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(folder.subjects.erase(one)).rejects.toMatchObject({ code: 'forbidden' });
});
