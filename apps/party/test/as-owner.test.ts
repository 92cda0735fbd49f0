import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agreements } from '../src/agreements/agreements.ts';
import { agreementNeeds, dataNeeds, linkNeeds, marketNeeds, studyNeeds, subjectNeeds } from '../src/as-owner.ts';
import { openContext } from '../src/context.ts';
import { Organisation } from '../src/index.ts';
import { Market } from '../src/market/market.ts';
import { StudyQueries } from '../src/study/queries.ts';
import { Subjects } from '../src/subjects/subjects.ts';
import { addUser, agree, eventsOf, quiet, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let hash: string;
beforeAll(async () => {
  network = await testNetwork();
  hash = await agree(network, { signed: false });
});
afterAll(() => network.close());

const because = { reason: 'Audit', person: 'owner' };

test('of every method it is said what the owner of the folder needs', async () => {
  const methods = (of: object): string[] =>
    Object.getOwnPropertyNames(of).filter((name) => !['constructor', 'matches'].includes(name));
  expect(Object.keys(agreementNeeds)).toEqual(expect.arrayContaining(methods(Agreements.prototype)));
  expect(Object.keys(studyNeeds)).toEqual(expect.arrayContaining(methods(StudyQueries.prototype)));
  expect(Object.keys(marketNeeds)).toEqual(expect.arrayContaining(methods(Market.prototype)));
  expect(Object.keys(subjectNeeds)).toEqual(expect.arrayContaining(methods(Subjects.prototype)));
  const context = await openContext(network.homes.fred.path, { logger: quiet });
  try {
    expect(Object.keys(linkNeeds)).toEqual(expect.arrayContaining(methods(new Organisation(context).links)));
  } finally {
    await context.close();
  }
  expect(Object.keys(dataNeeds)).toEqual(['add', 'list', 'show', 'remove']);
});

test('once there are users, nobody binds the organisation or reads results by opening its folder', async () => {
  // The control: one person alone does it all.
  await network.fred(async ({ agreements }) => {
    expect((await agreements.sign(hash)).state).toBe('proposed');
    expect((await agreements.suspend(hash, because)).state).toBe('suspended');
    expect((await agreements.resume(hash, because)).state).toBe('proposed');
  });
  const context = await openContext(network.homes.fred.path, { logger: quiet });
  await addUser(context.database, 'ann', 'privacy-officer');
  await context.close();

  await network.fred(async (organisation) => {
    const { agreements, studies, links, data, market, log } = organisation;
    const source = { kind: 'csv' as const, path: join(network.folder, 'members.csv') };
    const attempts: readonly (readonly [action: string, attempt: () => Promise<unknown>])[] = [
      ['agreement.sign', () => agreements.sign(hash)],
      ['agreement.approve', () => agreements.approve(hash, 'sign')],
      ['agreement.suspend', () => agreements.suspend(hash, { ...because, person: 'ann' })],
      ['agreement.resume', () => agreements.resume(hash, because)],
      ['agreement.revoke', () => agreements.revoke(hash, because)],
      ['agreement.decline', () => agreements.decline(hash, because)],
      ['agreement.discard', () => agreements.discard(hash)],
      ['agreement.send', () => agreements.send(hash)],
      ['study.ask', () => studies.ask(hash, { kind: 'free', text: 'x' })],
      ['study.approve', () => studies.approve(hash, 'x', 'ann')],
      ['study.approve', () => studies.withdraw(hash, 'x', 'ann')],
      ['study.result', () => studies.result(1)],
      ['link.result', () => links.matchPage(1, 0)],
      ['link.result', async () => links.matches(1)[Symbol.asyncIterator]().next()],
      ['market.publish', () => market.publish({})],
      ['market.publish', () => market.withdraw('members')],
      ['market.request', () => market.request({})],
      ['market.answer', () => market.approve(hash)],
      ['market.answer', () => market.counter(hash, {})],
      ['market.answer', () => market.decline(hash, 'No')],
      ['dataset.add', () => data.add('members', source)],
    ];
    const before = log.size;
    for (const [action, attempt] of attempts) {
      await expect(attempt(), action).rejects.toMatchObject({
        code: 'forbidden',
        culprit: 'owner',
        hint: expect.stringContaining('symbolon login USER'),
      });
    }
    const refused = await eventsOf(organisation, 'request-refused');
    expect(refused.map(({ by, action }) => [by, action])).toEqual(attempts.map(([action]) => ['owner', action]));
    expect(log.size).toBe(before + attempts.length);
    expect((await agreements.show(hash)).state).toBe('proposed');
    expect(await links.list()).toEqual([]);
  });
});
