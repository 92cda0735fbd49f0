import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

// Long enough that they stand nowhere by chance.
const medicaid = (n: number): string => `QX-5529-${n}`;
const record = (initial: string, n: number): string => `${initial}-77188-${n}`;
const people = {
  fred: [100, 101, 102, 103],
  sally: [100, 102, 200, 300],
  luke: [200, 102, 101],
};
type Party = keyof typeof people;
const idsOf = (party: Party, ...places: number[]): string[] => places.map((n) => record(party[0]!.toUpperCase(), n));
const allIds = (party: Party): string[] => idsOf(party, ...people[party].map((_, i) => i + 1));
const csv = (party: Party): string =>
  `id,medicaid\n${people[party].map((n, i) => `${record(party[0]!.toUpperCase(), i + 1)},${medicaid(n)}\n`).join('')}`;
const parties = Object.keys(people) as Party[];

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
  for (const party of parties) writeFileSync(join(folder, `${party}.csv`), csv(party));
  running = [await startKeyservice({ homePath: homes.keys.path, logger: quiet })];
  for (const party of parties) running.push(await startParty({ homePath: homes[party].path, logger: quiet }));
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

const titleOf = (spoke: 'fred' | 'luke'): string => `Patients that ${spoke} and sally share`;

/** An agreement of a spoke with the hub, signed by both. */
async function agreed(spoke: 'fred' | 'luke'): Promise<string> {
  const description = await at('sally', ({ agreements }) => agreements.describe('people'));
  const { hash } = await at(spoke, ({ agreements }) =>
    agreements.draft({
      title: titleOf(spoke),
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
  expect(await matched('fred', first.id)).toEqual(idsOf('fred', 1, 3));
  expect(await matched('sally', 1)).toEqual(idsOf('sally', 1, 2));
  expect(await matched('sally', second.id)).toEqual(idsOf('sally', 2, 3));
  expect(await matched('luke', 1)).toEqual(idsOf('luke', 1, 2));

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

  // Nor does anything that they keep: of the others there are no records, and of the others' agreement there is no word.
  await Promise.all(running.map((server) => server.close()));
  running = [];
  for (const party of [...parties, 'keys'] as const) {
    const kept = keptBy(party);
    for (const other of parties.filter((one) => one !== party)) {
      for (const secret of allIds(other)) expect(kept.includes(secret), `${secret} at ${party}`).toBe(false);
    }
    for (const n of Object.values(people).flat()) expect(kept.includes(medicaid(n)), `${n} at ${party}`).toBe(false);
    for (const spoke of ['fred', 'luke'] as const) {
      expect(kept.includes(titleOf(spoke)), `${spoke}'s agreement at ${party}`).toBe([spoke, 'sally'].includes(party));
    }
  }
  // What is kept does show in this way: the own ids of those who matched.
  for (const id of idsOf('fred', 1, 3)) expect(keptBy('fred').includes(id)).toBe(true);
});

/** Everything in an organisation's folder. */
function keptBy(who: Party | 'keys'): Buffer {
  const files = readdirSync(homes[who].path, { recursive: true, withFileTypes: true });
  return Buffer.concat(
    files.filter((file) => file.isFile()).map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
  );
}
