import { setTimeout } from 'node:timers/promises';
import type { Studies } from '@symbolon/agreement';
import { largestRelativeDifference, runMethodClear, runStudyClear } from '@symbolon/analytics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestStudy } from '../src/index.ts';
import { inTheClear } from './study-clear.ts';
import { type Party, parties, type StudyNetwork, studyNetwork } from './study-network.ts';

/*
 * Visits are split over two organisations, several rows a patient; a third knows who lives where. One session for each holder of visits,
 * whose cells stay as shares, and one that opens their sum.
 */

const visitsOf = (first: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `P${first + Math.floor(i / 2)},${(i * 7) % 13},${i % 4 === 0}`).join('\n');
const files: Record<Party, string> = {
  hospital: `person,minutes,urgent\n${visitsOf(100, 60)}\n`,
  insurer: `person,minutes,urgent\n${visitsOf(130, 48)}\n`,
  office: `citizen,region\n${Array.from({ length: 50 }, (_, i) => `P${100 + i},${i % 2 === 0 ? 'north' : 'south'}`).join('\n')}\n`,
};
const studies: Studies = {
  tables: {
    visits: {
      holders: [
        { party: 'hospital', dataset: 'people' },
        { party: 'insurer', dataset: 'people' },
      ],
      maxRows: 500,
      patient: 'person',
      rowsPerPatient: 3,
      columns: {
        person: { type: 'text', policy: 'join', required: true },
        minutes: { type: 'number', policy: 'filter', min: '0', max: '60', required: true },
        urgent: { type: 'boolean', policy: 'group', required: true },
      },
    },
    residents: {
      holders: [{ party: 'office', dataset: 'people' }],
      maxRows: 500,
      patient: 'citizen',
      onePerPatient: true,
      columns: {
        citizen: { type: 'text', policy: 'join', required: true },
        region: { type: 'text', policy: 'group', values: ['north', 'south'], required: true },
      },
    },
  },
  joins: [{ hub: 'visits', spoke: 'residents', on: [['person', 'citizen']] }],
  minPatients: 3,
  list: [
    {
      name: 'joined',
      text: 'SELECT r.region, COUNT(*) AS n, COUNT(DISTINCT v.person) AS people, SUM(v.minutes) AS minutes FROM visits v JOIN residents r ON v.person = r.citizen GROUP BY r.region',
      to: ['office'],
      maxRuns: 2,
    },
    {
      name: 'local',
      text: 'SELECT v.urgent, COUNT(*) AS n, AVG(v.minutes) AS minutes FROM visits v GROUP BY v.urgent',
      to: ['hospital', 'insurer'],
      maxRuns: 2,
    },
    {
      name: 'test',
      text: [
        'name: test',
        'title: Urgent visits',
        'agreement: App and care',
        'sql: SELECT v.minutes AS value, v.urgent AS grp FROM visits v',
        'method: t-test',
        'to: [hospital, insurer]',
      ].join('\n'),
      to: ['hospital', 'insurer'],
      maxRuns: 2,
    },
  ],
};

let network: StudyNetwork;
let agreement: string;
beforeAll(async () => {
  network = await studyNetwork(files);
  await network.start();
  agreement = await network.agree(studies);
});
afterAll(() => network.close());

const holders = { visits: ['hospital', 'insurer'], residents: 'office' } as const;

/** Runs a study, begun by the party; what it released to another. */
async function released(study: string, by: Party, to: Party) {
  const { id, details } = await requestStudy(network.homes[by].path, { agreement, study });
  for (;;) {
    const run = (await network.as(to, ({ studies: own }) => own.runs())).find((one) => one.study === study);
    if (run?.state === 'done')
      return { result: await network.as(to, ({ studies: own }) => own.result(run.id)), details, id };
    if (run?.state === 'failed') throw new Error(run.error!);
    await setTimeout(50);
  }
}

test.each([
  ['joined', 'office', 'office', 3],
  ['local', 'insurer', 'hospital', 1],
] as const)('%s: what split rows give together', async (study, by, to, sessions) => {
  const { result, details } = await released(study, by, to);
  expect(details).toMatchObject({ sessions });
  const { bound } = await network.as(to, ({ studies: own }) => own.bind(agreement, study));
  const expected = await inTheClear(network, holders, (tables, duck) => runStudyClear(bound!, tables, duck));
  expect(result).toMatchObject({ columns: expected.columns, cells: expected.cells, totals: expected.totals });
  expect(result!.rows.toSorted()).toEqual(expected.rows.toSorted());
  expect(result!.cells.flatMap(({ values }) => values).some((value) => value !== null)).toBe(true);
  for (const party of parties) {
    const { ok, faults } = await network.as(party, ({ audit }) => audit.verify());
    expect({ ok, faults }).toEqual({ ok: true, faults: [] });
  }
});

test('a method over split rows gives what it gives in the clear', async () => {
  const { result } = await released('test', 'hospital', 'insurer');
  const { method } = await network.as('insurer', ({ studies: own }) => own.bind(agreement, 'test'));
  const expected = await inTheClear(network, holders, (tables, duck) => runMethodClear(method!, tables, duck));
  expect(largestRelativeDifference(result!.method!, expected)).toBeLessThan(1e-12);
  expect(result!.method!.n).toBe(108);
});

test('explains itself before it runs, and says who may run it how often', async () => {
  await network.as('office', async ({ studies: own }) => {
    const { parties: who, to, words, units, atMost } = await own.explain(agreement, 'joined');
    expect({ who, to, atMost }).toEqual({
      who: ['hospital', 'insurer', 'office'],
      to: ['office'],
      atMost: ['visits of hospital', 'visits of insurer'],
    });
    expect(units.map((unit) => unit.parties)).toEqual([
      ['hospital', 'office'],
      ['insurer', 'office'],
      ['hospital', 'insurer', 'office'],
    ]);
    expect(words.length).toBeGreaterThan(3);
    expect((await own.list(agreement)).map(({ name, approvals }) => [name, approvals[0]?.by])).toEqual(
      studies.list.map(({ name }) => [name, "office's officer"]),
    );
  });
});
