import { draftAgreement } from '@symbolon/agreement';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizeLink } from '../src/authorize.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { agree, quiet, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let context: PartyContext;
let hash: string;
let plain: string;

beforeAll(async () => {
  network = await testNetwork();
  plain = await agree(network, { signed: false });
  const { kind: _, version: __, ...terms } = (await network.fred(({ agreements }) => agreements.show(plain))).agreement;
  const term = { from: '2026-01-01', until: '2026-12-31' };
  const renewal = { months: 12, noticeDays: 30, until: '2029-12-31' };
  context = await openContext(network.homes.fred.path, { logger: quiet, now: () => new Date('2026-06-01T12:00:00Z') });
  hash = await context.agreements.addDraft(draftAgreement({ ...terms, term, renewal }));
  const file = await network.fred(async ({ agreements }) => {
    await agreements.sign(plain);
    await agreements.sign(hash);
    return agreements.export(hash);
  });
  const signed = await network.sally(async ({ agreements }) => {
    await agreements.receive(file);
    await agreements.sign(hash);
    return agreements.export(hash);
  });
  await network.fred(({ agreements }) => agreements.receive(signed));
});
afterAll(async () => {
  await context.close();
  await network.close();
});

const decide = async (day: string) =>
  authorizeLink(
    { agreement: hash, by: 'sally', rows: { a: 1, b: 1 } },
    {
      home: network.homes.fred,
      stored: await context.agreements.get(hash),
      successors: [],
      approvals: [],
      runsSoFar: 0,
      now: new Date(`${day}T12:00:00Z`),
    },
  );
const over = { code: 'agreement-term' };
const because = { reason: 'The project ends with this year', person: 'owner' };

test('an agreement goes on with its renewals, until a party says in time that it is not to, which all can read in its history', async () => {
  expect(await decide('2028-06-01')).toMatchObject({ grant: true });
  expect(await decide('2030-01-01')).toMatchObject(over);
  await network.fred(async ({ agreements }) => {
    await agreements.lapse(hash, because);
    // Saying it again changes nothing.
    await agreements.lapse(hash, because);
    const changes = (await agreements.history(hash)).filter(({ what }) => what === 'not to be renewed');
    expect(changes).toMatchObject([{ by: 'fred', person: 'owner', reason: because.reason }]);
  });
  const { notices } = await context.agreements.get(hash);
  expect(notices.map(({ action }) => action)).toEqual(['lapse']);
  const said = notices[0]!.at.slice(0, 10);
  // The notice is of today; the term that runs today is the last.
  const last = `${said.slice(0, 4)}-12-31`;
  const inTime = said <= `${said.slice(0, 4)}-12-01`;
  expect(await decide(last)).toMatchObject({ grant: true });
  expect(await decide(`${Number(said.slice(0, 4)) + 1}-06-01`)).toMatchObject(inTime ? over : { grant: true });
});

test('what has no renewal cannot lapse', async () => {
  await network.fred(({ agreements }) =>
    expect(agreements.lapse(plain, because)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('is not renewed: it ends on'),
    }),
  );
});
