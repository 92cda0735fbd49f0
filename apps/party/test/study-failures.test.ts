import { setTimeout } from 'node:timers/promises';
import type { Studies } from '@symbolon/agreement';
import { peerClient } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { requestStudy, type StudyRunInfo } from '../src/index.ts';
import {
  byRegion,
  type Party,
  parties,
  peopleFiles,
  type StudyNetwork,
  studiesOf,
  studyNetwork,
} from './study-network.ts';

let network: StudyNetwork;
let agreement: string;
const files = peopleFiles(30);
const few = 'SELECT COUNT(*) AS n FROM patients p JOIN members m ON p.person = m.member';
const alone = 'SELECT p.app, SUM(p.visits) AS visits FROM patients p GROUP BY p.app';

/** Some studies, each with runs of its own, so that tests do not spend each other's. */
const studies: Studies = studiesOf({
  tables: {
    ...studiesOf().tables,
    patients: {
      ...studiesOf().tables.patients!,
      columns: {
        ...studiesOf().tables.patients!.columns,
        app: { type: 'boolean', policy: 'group', required: true },
      },
    },
  },
  list: [
    { name: 'two', text: byRegion, to: ['office'], maxRuns: 1 },
    ...['one', 'three', 'four'].map((name) => ({ name, text: few, to: ['office'], maxRuns: 1 })),
    { name: 'five', text: few, to: ['office'], maxRuns: 5 },
    { name: 'unapproved', text: few, to: ['office'], maxRuns: 1 },
    { name: 'alone', text: alone, to: ['insurer'], maxRuns: 1 },
  ],
});

beforeAll(async () => {
  network = await studyNetwork(files);
  await network.start();
  agreement = await network.agree(studies);
  await network.as('office', ({ studies: own }) => own.withdraw(agreement, 'unapproved', 'an officer'));
});
afterAll(() => network.close());

const at = (party: Party): string => network.homes[party].path;
const begin = (study: string, party: Party = 'hospital', more: object = {}): Promise<StudyRunInfo> =>
  requestStudy(at(party), { agreement, study, ...more });

/** The newest run of a study at a party, once it has ended; undefined where none was begun. */
async function ended(party: Party, study: string): Promise<StudyRunInfo | undefined> {
  for (;;) {
    const runs = await network.as(party, ({ studies: own }) => own.runs());
    const run = runs.filter((one) => one.study === study).at(-1);
    if (run?.state !== 'running') return run;
    await setTimeout(50);
  }
}

async function left(party: Party, study: string): Promise<number> {
  return (await network.as(party, ({ studies: own }) => own.show(agreement, study))).runsLeft;
}

/** Nothing of a study opened anywhere, and how it ended at each party, by error code. */
async function nothingOpened(study: string): Promise<(string | undefined)[]> {
  const ends: (string | undefined)[] = [];
  for (const party of parties) {
    const run = await ended(party, study);
    expect(run?.state).not.toBe('done');
    if (run !== undefined) expect(await network.as(party, ({ studies: own }) => own.result(run.id))).toBeNull();
    ends.push(run?.error?.split(':')[0]);
  }
  return ends;
}

describe('refused', () => {
  test('a study that is not listed, and one that an organisation has not approved: all who had accepted are told', async () => {
    await expect(begin('nothing')).rejects.toMatchObject({ code: 'agreement-limit' });
    await expect(begin('unapproved', 'office')).rejects.toMatchObject({ code: 'unapproved', culprit: 'office' });
    await expect(begin('unapproved', 'hospital')).rejects.toMatchObject({
      code: 'unapproved',
      message: expect.stringContaining('not enough people here have approved'),
    });
    expect(await nothingOpened('unapproved')).toEqual(['unapproved', 'peer-gone', undefined]);
    const told = await ended('insurer', 'unapproved');
    expect(told!.error).toMatch(/hospital withdrew the study: unapproved: .*office/);
    expect(await left('insurer', 'unapproved')).toBe(1);
  });

  test('nothing, before anything is signed, where the studies and the own tables fit', async () => {
    const report = await network.as('insurer', ({ agreements }) => agreements.check(agreement));
    expect(report.ok).toBe(true);
    expect(report.findings.map(({ check, text }) => `${check}: ${text}`)).toEqual(
      expect.arrayContaining([
        'studies: 7 studies can be computed securely',
        'own table: members: 27 rows fit the agreement',
      ]),
    );
  });

  test('a study that the asker makes something else of', async () => {
    const client = peerClient({ home: network.homes.insurer, partner: network.homes.insurer.partners.get('office') });
    const body = { agreement, study: 'one', studyHash: agreement, purpose: null, link: null };
    const asked = client.call('POST', '/v1/studies', { body, answer: z.unknown() });
    await expect(asked).rejects.toMatchObject({ code: 'peer-disagrees' });
    const start = { part: agreement, parts: { insurer: agreement }, sizes: {}, link: null };
    const started = client.call('POST', '/v1/studies/start', { body: start, answer: z.unknown() });
    await expect(started).rejects.toMatchObject({ code: 'session-unknown' });
    await client.close();
  });

  test('an attempt that is started twice', async () => {
    const { studyHash } = await network.as('office', ({ studies: own }) => own.bind(agreement, 'five'));
    const body = { agreement, study: 'five', studyHash, purpose: null, link: null };
    const asked = ['hospital', 'office'] as const;
    const clients = asked.map((id) =>
      peerClient({ home: network.homes.insurer, partner: network.homes.insurer.partners.get(id) }),
    );
    const accepted = z.looseObject({ part: z.string(), sizes: z.record(z.string(), z.unknown()) });
    const answers = await Promise.all(
      clients.map((client) => client.call('POST', '/v1/studies', { body, answer: accepted })),
    );
    const [hospital, office] = answers as [(typeof answers)[0], (typeof answers)[0]];
    const parts = { hospital: hospital.part, insurer: agreement, office: office.part };
    const sizes = { hospital: hospital.sizes, insurer: { m: { rows: 27, patients: 27 } }, office: office.sizes };
    const start = { part: office.part, parts, sizes, link: null };
    const say = () => clients[1]!.call('POST', '/v1/studies/start', { body: start, answer: z.unknown() });
    await say();
    await expect(say()).rejects.toMatchObject({ code: 'frame-order' });
    const reason = 'cancelled: enough';
    for (const [i, client] of clients.entries()) {
      const withdrawal = { part: answers[i]!.part, reason };
      await client.call('POST', '/v1/studies/withdrawn', { body: withdrawal, answer: z.unknown() });
      await client.close();
    }
    expect(await nothingOpened('five')).toEqual(['cancelled', undefined, 'cancelled']);
  });

  test('more runs than agreed; a study of one table has its sessions too', async () => {
    const run = await begin('alone', 'insurer');
    const result = await network.as('insurer', ({ studies: own }) => own.result(run.id));
    expect(result!.rows).toHaveLength(2);
    expect(await left('hospital', 'alone')).toBe(0);
    await expect(begin('alone', 'insurer')).rejects.toMatchObject({ code: 'agreement-limit' });
    // Nothing of the office is asked for: it takes no part.
    await expect(begin('alone', 'office')).rejects.toMatchObject({ code: 'agreement-party' });
  });
});

describe('records that do not fit', () => {
  test('a key twice: its owner is told where, the others only that it is so; the run counts', async () => {
    await network.replace('insurer', `${files.insurer}${files.insurer.split('\n')[1]}\n`);
    await expect(begin('one')).rejects.toMatchObject({
      code: 'peer-refused',
      message: expect.not.stringContaining('P1000'),
    });
    await network.replace('insurer', files.insurer);
    expect(await nothingOpened('one')).toEqual(['peer-refused', 'data-duplicate-id', 'peer-gone']);
    expect((await ended('insurer', 'one'))!.error).toMatch(/insurer\.csv, column 'member'.*lines 2 and/);
    expect([await left('insurer', 'one'), await left('hospital', 'one')]).toEqual([0, 1]);
  });

  test('a value that is not among the agreed ones, at the initiator', async () => {
    await network.replace('office', files.office.replace('north', 'nowhere'));
    await expect(begin('two', 'office')).rejects.toMatchObject({
      code: 'data-out-of-range',
      message: expect.stringMatching(/office\.csv, line 2, column 'region': the value is none of the agreed ones/),
    });
    await network.replace('office', files.office);
    const ends = await nothingOpened('two');
    expect(ends[2]).toBe('data-out-of-range');
    expect([await left('office', 'two'), await left('hospital', 'two')]).toEqual([0, 1]);
  });
});

describe('a run that is cut off', () => {
  test('cancelled by the initiator', async () => {
    const cancel = new AbortController();
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase === 'exchange') cancel.abort();
    };
    await expect(begin('three', 'hospital', { signal: cancel.signal, onProgress })).rejects.toMatchObject({
      code: 'cancelled',
      culprit: 'hospital',
    });
    expect(await nothingOpened('three')).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  test('when an approval is taken back before the data are signed: no run of that party is spent', async () => {
    let taken: Promise<void> | undefined;
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase !== 'connect') return;
      taken ??= network.as('insurer', ({ studies: own }) => own.withdraw(agreement, 'five', 'an officer'));
    };
    await expect(begin('five', 'hospital', { onProgress })).rejects.toMatchObject({
      message: expect.stringContaining('unapproved'),
      culprit: 'insurer',
    });
    await taken;
    expect(await nothingOpened('five')).toEqual(['peer-gone', 'unapproved', 'peer-gone']);
    expect(await left('insurer', 'five')).toBe(5);
    await network.as('insurer', ({ studies: own }) => own.approve(agreement, 'five', 'an officer'));
  });

  test('without a key service: no run is spent', async () => {
    const before = await Promise.all(parties.map((party) => left(party, 'five')));
    await network.stop('keys');
    await expect(begin('five', 'insurer')).rejects.toMatchObject({ code: 'keyservice-down' });
    await nothingOpened('five');
    await network.start();
    expect(await Promise.all(parties.map((party) => left(party, 'five')))).toEqual(before);
  });

  test('by a party that leaves: the others are told who, and may run it again', async () => {
    let stopping: Promise<void> | undefined;
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase === 'keys') stopping ??= network.stop('office');
    };
    await expect(begin('four', 'hospital', { onProgress })).rejects.toMatchObject({
      code: expect.stringMatching(/^peer-(gone|silent)$/),
      culprit: 'office',
    });
    await stopping;
    const ends = await nothingOpened('four');
    expect(ends[1]).toMatch(/^peer-(gone|silent)$/);
    expect((await ended('insurer', 'four'))!.error).toContain('office');
    await network.start();
    expect(await left('insurer', 'four')).toBe(1);
    await expect(begin('four')).resolves.toMatchObject({ state: 'done' });
  });
});
