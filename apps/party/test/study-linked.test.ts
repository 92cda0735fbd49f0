import { setTimeout } from 'node:timers/promises';
import { runStudyClear } from '@symbolon/analytics';
import { parseDocument, unverifiedPayload } from '@symbolon/crypto';
import { peerClient } from '@symbolon/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { requestLink, requestStudy, type StudyRunInfo } from '../src/index.ts';
import { inTheClear } from './study-clear.ts';
import { type Party, parties, peopleFiles, type StudyNetwork, studiesOf, studyNetwork } from './study-network.ts';

// The insurer writes the numbers of its members in its own way, which no join by equal columns would forgive.
const [head, ...lines] = peopleFiles().insurer.trim().split('\n');
const members = lines.map((line) => line.replace(/^P/, "p'"));
const csv = (rows: readonly string[]): string => `${[head, ...rows].join('\n')}\n`;

const column = { type: 'text', maxLength: 10, normalise: ['lower', 'alphanumeric', 'squash'] } as const;
const linkage = {
  tables: {
    a: { party: 'insurer', dataset: 'people', maxRows: 1000, columns: { member: column } },
    b: { party: 'hospital', dataset: 'people', maxRows: 1000, columns: { person: column } },
  },
  link: { rule: 'a.member = b.person', reveal: 'pairs', to: ['insurer', 'hospital'], maxRuns: 5 },
} as const;

const sql =
  'SELECT p.app, COUNT(*) AS n, AVG(m.cost) AS cost FROM patients p JOIN members m ON agreed(p, m) GROUP BY p.app';
const { tables, joins: _, ...common } = studiesOf();
const patients = tables.patients!;
const studies = {
  ...common,
  tables: {
    patients: { ...patients, columns: { ...patients.columns, app: { ...patients.columns.app!, policy: 'group' } } },
    members: tables.members!,
  },
  joins: [{ hub: 'patients', spoke: 'members', linked: true }],
  list: [{ name: 'by-app', text: sql, to: ['office', 'hospital'], maxRuns: 3 }],
} as const;

let network: StudyNetwork;
let agreement: string;
beforeEach(async () => {
  network = await studyNetwork({ ...peopleFiles(), insurer: csv(members) });
  await network.start();
  agreement = await network.agree(studies as typeof studies & ReturnType<typeof studiesOf>, { linkage });
});
afterEach(() => network.close());

const run = (party: Party): Promise<StudyRunInfo> =>
  requestStudy(network.homes[party].path, { agreement, study: 'by-app' });
const runsLeft = (party: Party) =>
  network.as(party, async ({ studies: own }) => (await own.show(agreement, 'by-app')).runsLeft);
const refused = (says: RegExp) => expect.objectContaining({ code: 'study-link', message: expect.stringMatching(says) });

/** DuckDB over both files, which nobody has together. */
async function cellsInTheClear() {
  const { bound } = await network.as('hospital', ({ studies: own }) => own.bind(agreement, 'by-app'));
  const known = "replace(m.member, '''', '') = lower(p.person)";
  return inTheClear(network, { patients: 'hospital', members: 'insurer' }, async (relations, duck) => {
    return (await runStudyClear(bound!, relations, duck, { m: known })).cells;
  });
}

async function result(party: Party) {
  for (;;) {
    const last = (await network.as(party, ({ studies: own }) => own.runs())).at(-1)!;
    if (last.state === 'done' && last.logIndex !== null)
      return network.as(party, async ({ studies: own }) => ({
        released: await own.result(last.id),
        statement: unverifiedPayload(parseDocument((await own.statement(last.id))!)) as { link?: string },
      }));
    await setTimeout(50);
  }
}

test('a study joins the rows that a link showed to both, whoever begins it', async () => {
  await expect(run('hospital')).rejects.toEqual(refused(/there is none yet/));
  const link = await requestLink(network.homes.hospital.path, { agreement });
  expect(link.details).toMatchObject({ matches: members.length });
  const clear = await cellsInTheClear();
  expect(clear.map(({ values }) => Number(values[0]))).toEqual([36, 18]);
  for (const party of ['office', 'insurer'] as const) {
    await run(party);
    const told = await Promise.all(parties.map(result));
    expect(told.map(({ released }) => released?.cells)).toEqual([clear, undefined, clear]);
    for (const { statement } of told) expect(statement.link).toBe(link.attempt);
  }
  for (const party of parties)
    expect(await network.as(party, ({ audit }) => audit.verify())).toMatchObject({ ok: true });
});

test('records that have moved since the link are not joined; after another link they are', async () => {
  await requestLink(network.homes.insurer.path, { agreement });
  await network.replace('insurer', csv(members.toReversed()));
  await expect(run('hospital')).rejects.toEqual(refused(/members are not those that were linked/));
  expect(await Promise.all(parties.map(runsLeft))).toEqual([3, 3, 3]);
  const link = await requestLink(network.homes.insurer.path, { agreement });
  await run('hospital');
  const { released, statement } = await result('hospital');
  expect(released!.cells).toEqual(await cellsInTheClear());
  expect(statement.link).toBe(link.attempt);
});

test('whoever names a link that is not there is told so', async () => {
  await requestLink(network.homes.insurer.path, { agreement });
  const { homes } = network;
  const client = peerClient({ home: homes.insurer, partner: homes.insurer.partners.get('hospital') });
  const { studyHash } = await network.as('insurer', ({ studies: own }) => own.bind(agreement, 'by-app'));
  const body = { agreement, study: 'by-app', studyHash, purpose: null, link: studyHash };
  const asked = client.call('POST', '/v1/studies', { body, answer: z.unknown() });
  await expect(asked).rejects.toEqual(refused(/did not come to its end here/));
  await client.close();
});

test('a row with two partners joins nothing', async () => {
  await network.replace('insurer', csv([...members, members[0]!.replace("p'", 'P')]));
  await requestLink(network.homes.insurer.path, { agreement });
  await expect(run('office')).rejects.toEqual(refused(/several partners for a row/));
});
