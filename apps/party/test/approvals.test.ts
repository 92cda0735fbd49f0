import { draftAgreement, type Role } from '@symbolon/agreement';
import type { Person } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agreements } from '../src/agreements/agreements.ts';
import type { StoredAgreement } from '../src/agreements/store.ts';
import { authorizeLink } from '../src/authorize.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { Organisation } from '../src/index.ts';
import type { RunDetails } from '../src/link/runs.ts';
import { addUser, agree, quiet, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
let context: PartyContext;
let stored: StoredAgreement;
/** Hash of an agreement that asks for nobody's approval. */
let unapproved: string;
/** As a server has it: callers are known. */
let server: Organisation;

beforeAll(async () => {
  network = await testNetwork();
  unapproved = await agree(network, { signed: false, maxRuns: 7 });
  const hash = await agree(network, { signed: false });
  const { agreement } = await network.fred(({ agreements }) => agreements.show(hash));
  const { kind: _, version: __, ...terms } = agreement;
  const two = { people: 2, roles: ['privacy-officer', 'data-steward'] as Role[] };
  const approvals = [
    { action: 'sign' as const, party: 'fred', ...two },
    { action: 'link' as const, ...two },
  ];
  context = await openContext(network.homes.fred.path, { logger: quiet });
  stored = await context.agreements.get(await context.agreements.addDraft(draftAgreement({ ...terms, approvals })));
  server = new Organisation(context);
});
afterAll(async () => {
  await context.close();
  await network.close();
});

const user = (id: string, ...roles: Role[]): Person => ({ kind: 'user', id, roles });
const ann = user('ann', 'privacy-officer');
const bob = user('bob', 'data-steward');
const eve = user('eve', 'analyst');

/** Kinds of the newest entries of the log. */
async function newest(count: number): Promise<string[]> {
  const { log } = context;
  await log.refresh();
  const entries = await log.store.entries(log.size - count, log.size);
  return entries.map(({ event }) => JSON.parse(Buffer.from(event!).toString()).kind);
}

describe('two people are needed to sign', () => {
  const sign = (person?: Person) => server.agreements.sign(stored.hash, person);
  const approve = (person?: Person) => server.agreements.approve(stored.hash, 'sign', person);
  const short = { code: 'unapproved', message: expect.stringContaining('asks for 2 people of fred') };

  test('the owner of the folder is no user, and counts as none', async () => {
    await approve();
    await expect(sign()).rejects.toMatchObject(short);
    await addUser(context.database, 'ann', 'privacy-officer');
    await addUser(context.database, 'bob', 'data-steward');
    await addUser(context.database, 'eve', 'analyst');
  });

  test('one person, however often, is one', async () => {
    await approve(ann);
    await approve(ann);
    await expect(sign(ann)).rejects.toMatchObject({ message: expect.stringContaining('with ann there is 1') });
  });

  test('whoever has no role for it neither approves nor signs', async () => {
    await expect(approve(eve)).rejects.toMatchObject({ code: 'forbidden', culprit: 'eve' });
    await expect(sign(eve)).rejects.toMatchObject({ code: 'forbidden', culprit: 'eve' });
    await expect(sign(bob)).rejects.toMatchObject({ code: 'forbidden', culprit: 'bob' });
  });

  test('another person approves, then it is signed, and the log has who did what', async () => {
    await approve(bob);
    expect((await sign(ann)).signedBy).toEqual(['fred']);
    expect(await newest(2)).toEqual(['approved', 'agreement-signed']);
  });
});

describe('two people are needed to run a link', () => {
  const decide = async (person?: string) => {
    const kept = await context.agreements.get(stored.hash);
    return authorizeLink(
      { agreement: stored.hash, by: 'fred', person, rows: { a: 1, b: 1 } },
      {
        home: network.homes.fred,
        stored: { ...kept, missing: [] },
        successors: [],
        approvals: await context.approvals.list({ action: 'link', agreement: stored.hash, name: '' }),
        runsSoFar: 0,
        now: new Date('2026-11-22T10:00:00Z'),
      },
    );
  };
  const approve = (person?: Person) => server.agreements.approve(stored.hash, 'link', person);
  const short = (given: number) => ({
    code: 'unapproved',
    reason: expect.stringContaining(
      `fred refuses the link: not enough people here have approved it in just this form (${given} of 2`,
    ),
  });

  test('nobody, and whoever asks for the run do not count', async () => {
    expect(await decide('eve')).toMatchObject(short(0));
    await expect(approve()).rejects.toMatchObject({ code: 'forbidden', culprit: 'owner' });
    await approve(ann);
    expect(await decide('eve')).toMatchObject(short(1));
    await approve(bob);
    expect(await decide('bob')).toMatchObject(short(1));
  });

  test('two others do, until one of all takes them back', async () => {
    expect(await decide('eve')).toMatchObject({ grant: true });
    // Whose role was taken away meanwhile does not count.
    const bobs = context.database.updateTable('account_role').where('account', '=', 'bob');
    await bobs.set({ role: 'analyst' }).execute();
    expect(await decide('eve')).toMatchObject(short(1));
    await bobs.set({ role: 'data-steward' }).execute();
    expect(await decide('eve')).toMatchObject({ grant: true });
    await new Agreements(context).withdrawApproval(stored.hash, 'link', bob);
    expect(await newest(1)).toEqual(['approval-withdrawn']);
    expect(await decide('eve')).toMatchObject(short(0));
  });
});

test('once there are users, the owner of the folder neither approves nor signs', async () => {
  const hash = unapproved;
  await network.fred(async ({ agreements }) => {
    const refused = { code: 'forbidden', message: expect.stringContaining('owner has the role operator') };
    await expect(agreements.sign(hash)).rejects.toMatchObject(refused);
    await expect(agreements.approve(hash, 'sign')).rejects.toMatchObject(refused);
  });
  expect((await server.agreements.sign(hash, ann)).signedBy).toEqual(['fred']);
});

describe('two people look at a result before others get it', () => {
  const privacy = user('ann', 'privacy-officer');
  let run: number;

  beforeAll(async () => {
    const { kind: _, version: __, ...terms } = stored.agreement;
    const approvals = [{ action: 'release' as const, people: 2, roles: ['privacy-officer', 'data-steward'] as Role[] }];
    const draft = draftAgreement({ ...terms, title: 'Looked at', approvals });
    const hash = await context.agreements.addDraft(draft);
    run = await context.runs.start(hash, 'attempt');
    await context.runs.done(run, {
      pages: ['{"row":[1],"a":[0],"b":[2],"key":["k"]}'],
      statement: Uint8Array.of(1),
      details: () => ({ shards: 0 }) as RunDetails,
      keeping: async () => undefined,
    });
  });

  const read = async (reader: Person) => {
    const rows = [];
    for await (const { row } of server.links.matches(run, reader)) rows.push(row);
    return rows;
  };
  const release = (person: Person) => server.links.release(run, person);
  const releases = async () => (await server.agreements.waiting()).releases;

  test('who has a role for it sees it, an analyst does not, and who approves twice is one', async () => {
    expect(await read(privacy)).toEqual([1]);
    await expect(read(eve)).rejects.toMatchObject({
      code: 'unapproved',
      message: expect.stringContaining('is shown once 2 of fred (privacy-officer or data-steward) have looked at it'),
    });
    await expect(release(eve)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await releases()).toMatchObject([{ run, study: null, by: [], needed: 2 }]);
    await release(privacy);
    await release(privacy);
    expect(await releases()).toMatchObject([{ run, by: ['ann'], needed: 2 }]);
    await expect(read(eve)).rejects.toMatchObject({ message: expect.stringContaining('1 have') });
  });

  test('once two have, all who may read results see it', async () => {
    await release(bob);
    expect(await read(eve)).toEqual([1]);
    expect(await releases()).toEqual([]);
  });

  test('who may release may take it back, and from then on others do not see it', async () => {
    await expect(server.links.withdrawRelease(run, eve)).rejects.toMatchObject({ code: 'forbidden' });
    await server.links.withdrawRelease(run, bob);
    expect(await newest(1)).toEqual(['approval-withdrawn']);
    await expect(read(eve)).rejects.toMatchObject({ message: expect.stringContaining('0 have') });
    expect(await releases()).toMatchObject([{ run, by: [] }]);
    expect(await read(privacy)).toEqual([1]);
    await release(bob);
    await expect(read(eve)).rejects.toMatchObject({ code: 'unapproved' });
  });
});

test('an event of the log is erased once two users have asked for it, and the log stays sound', async () => {
  const index = await context.log.append({ kind: 'entered-by-mistake', text: 'Mrs Planted' });
  const erase = (person?: Person) => network.fred(({ audit }) => audit.erase(index, 'a name', person));
  await expect(erase()).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('two people erase'),
    hint: expect.stringContaining('symbolon user add'),
  });
  await expect(erase(eve)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(erase({ ...ann, kind: 'owner' })).rejects.toMatchObject({ code: 'forbidden' });
  expect(await erase(ann)).toEqual({ erased: false, askedBy: ['ann'] });
  expect(await erase(ann)).toEqual({ erased: false, askedBy: ['ann'] });
  expect((await context.log.store.entry(index)).event).not.toBeNull();
  const erasures = async () => (await server.agreements.waiting()).erasures;
  expect(await erasures()).toEqual([{ index, by: ['ann'] }]);
  expect(await erase(bob)).toEqual({ erased: true, askedBy: ['ann', 'bob'] });
  expect((await context.log.store.entry(index)).event).toBeNull();
  expect(await erasures()).toEqual([]);
  await expect(erase(ann)).rejects.toMatchObject({ code: 'conflict' });
  expect(await newest(1)).toEqual(['event-erased']);
  expect(await network.fred(({ audit }) => audit.verify())).toMatchObject({
    root: expect.any(String),
    erased: [index],
  });
});
