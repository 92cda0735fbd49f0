import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKeyservice } from '@symbolon/keyservice';
import { createHome, type Home, type Running } from '@symbolon/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Organisation, requestLink, startParty } from '../src/index.ts';
import { quiet } from './network.ts';

/*
 * Three organisations: sally is the hub, fred and luke link with her under an agreement each. Each learns its agreed pairs, and nothing of
 * what the others agreed or found.
 */

const tables = {
  fred: 'id,medicaid\nF1,100\nF2,101\nF3,102\nF4,103\n',
  sally: 'id,medicaid\nS1,100\nS2,102\nS3,200\nS4,300\n',
  luke: 'id,medicaid\nL1,200\nL2,102\nL3,101\n',
};
type Party = keyof typeof tables;
const parties = Object.keys(tables) as Party[];

let folder: string;
let homes: Record<Party | 'keys', Home>;
let running: Running[];
const at = async <T>(party: Party, work: (organisation: Organisation) => Promise<T>): Promise<T> => {
  const organisation = await Organisation.open(homes[party].path, { logger: quiet });
  try {
    return await work(organisation);
  } finally {
    await organisation.close();
  }
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-hub-'));
  const home = (id: string, role: 'party' | 'keyservice') =>
    createHome({
      path: join(folder, id),
      id,
      name: `The ${id}`,
      role,
      host: '127.0.0.1',
      port: 0,
      now: () => new Date(),
    });
  homes = {
    fred: await home('fred', 'party'),
    sally: await home('sally', 'party'),
    luke: await home('luke', 'party'),
    keys: await home('keys', 'keyservice'),
  };
  const know = (one: Home, other: Home): void => {
    one.partners.add(other.cardFile);
    other.partners.add(one.cardFile);
  };
  for (const party of parties) know(homes.keys, homes[party]);
  // Fred and luke have nothing to do with each other.
  know(homes.sally, homes.fred);
  know(homes.sally, homes.luke);
  for (const party of parties) writeFileSync(join(folder, `${party}.csv`), tables[party]);
  running = [await startKeyservice({ homePath: homes.keys.path, logger: quiet })];
  for (const party of parties) running.push(await startParty({ homePath: homes[party].path, logger: quiet }));
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** An agreement of a spoke with the hub, signed by both. */
async function agreed(spoke: 'fred' | 'luke'): Promise<string> {
  const description = await at('sally', ({ agreements }) => agreements.describe('people'));
  const { hash } = await at(spoke, ({ agreements }) =>
    agreements.draft({
      title: `Patients that ${spoke} and sally share`,
      as: 'a',
      partner: 'sally',
      keyService: 'keys',
      dataset: 'people',
      partnerDataset: description,
      key: 'id',
      partnerKey: 'id',
      rule: 'a.medicaid = b.medicaid',
      maxRows: 100,
      maxRuns: 3,
      pads: 'expanded',
      term: { from: '2020-01-01', until: '2099-12-31' },
    }),
  );
  for (const party of [spoke, 'sally'] as const) {
    await at(party, async ({ agreements }) => {
      await agreements.sign(hash);
      await agreements.send(hash);
    });
  }
  return hash;
}

/** Keys of one's own rows that matched in a run. */
async function matched(party: Party, run: number): Promise<(string | null)[]> {
  return at(party, async ({ links }) => {
    const keys: (string | null)[] = [];
    for await (const { key } of links.matches(run)) keys.push(key);
    return keys.sort();
  });
}

test('three organisations link through a hub, and each learns its agreed pairs only', async () => {
  for (const party of parties) {
    await at(party, ({ data }) => data.add('people', { kind: 'csv', path: join(folder, `${party}.csv`) }));
  }
  const [withFred, withLuke] = [await agreed('fred'), await agreed('luke')];

  const first = await requestLink(homes.fred.path, { agreement: withFred });
  const second = await requestLink(homes.sally.path, { agreement: withLuke });
  expect(await matched('fred', first.id)).toEqual(['F1', 'F3']);
  expect(await matched('sally', 1)).toEqual(['S1', 'S2']);
  expect(await matched('sally', second.id)).toEqual(['S2', 'S3']);
  expect(await matched('luke', 1)).toEqual(['L1', 'L2']);

  // Fred and luke share 101 and 102: neither has a run, an agreement or a partner that would tell.
  for (const [party, other, theirs] of [
    ['fred', 'luke', withLuke],
    ['luke', 'fred', withFred],
  ] as const) {
    expect((await at(party, ({ links }) => links.list())).map(({ agreement }) => agreement)).toEqual([
      party === 'fred' ? withFred : withLuke,
    ]);
    expect(homes[party].partners.find(other)).toBeUndefined();
    await expect(requestLink(homes[party].path, { agreement: theirs })).rejects.toMatchObject({ code: 'not-found' });
  }
}, 60_000);
