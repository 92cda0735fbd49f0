import { setTimeout } from 'node:timers/promises';
import { largestRelativeDifference, runMethodClear, runStudyClear } from '@symbolon/analytics';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Progress, requestStudy, type StudyRunInfo } from '../src/index.ts';
import { inTheClear } from './study-clear.ts';
import { type Party, parties, type StudyNetwork, studiesOf, studyNetwork } from './study-network.ts';

let network: StudyNetwork;
beforeEach(async () => {
  network = await studyNetwork();
});
afterEach(() => network.close());

const tables = { patients: 'hospital', members: 'insurer', residents: 'office' } as const;

/** The newest run of a party, once it has ended. */
async function ended(party: Party): Promise<StudyRunInfo> {
  for (;;) {
    const run = (await network.as(party, ({ studies }) => studies.runs())).at(-1);
    if (run !== undefined && run.state !== 'running' && (run.state !== 'done' || run.logIndex !== null)) return run;
    await setTimeout(50);
  }
}

test('a study over the joined tables of three organisations gives what DuckDB gives in the clear, to those who receive it', async () => {
  await network.start();
  const agreement = await network.agree();
  const events: Progress[] = [];
  const run = await requestStudy(network.homes.hospital.path, {
    agreement,
    study: 'by-region',
    onProgress: (event) => events.push(event),
  });
  expect(run).toMatchObject({ state: 'done', study: 'by-region', agreement, error: null });
  expect(run.details).toMatchObject({ parties: [...parties], to: ['hospital', 'office'], sessions: 1 });
  expect(new Set(events.map(({ phase }) => phase))).toEqual(
    new Set(['load', 'propose', 'connect', 'keys', 'exchange', 'evaluate', 'finish', 'store']),
  );

  for (const party of parties) await ended(party);
  const { bound } = await network.as('hospital', ({ studies }) => studies.bind(agreement, 'by-region'));
  const { columns, rows, cells, totals } = await inTheClear(network, tables, (relations, duck) =>
    runStudyClear(bound!, relations, duck),
  );
  expect(rows.length).toBeGreaterThan(1);
  const results = await Promise.all(parties.map((party) => network.as(party, ({ studies }) => studies.result(1))));
  const [hospital, insurer, office] = results;
  expect(hospital).toMatchObject({ columns, cells, totals, method: null });
  expect(hospital!.rows.toSorted()).toEqual(rows.toSorted());
  expect(office).toEqual(hospital);
  expect(insurer).toBeNull();

  const statements = await Promise.all(
    parties.map((party) => network.as(party, ({ studies }) => studies.statement(1))),
  );
  expect(statements[1]).toEqual(statements[0]);
  expect(statements[2]).toEqual(statements[0]);
  for (const party of parties) {
    await network.as(party, async ({ studies, audit }) => {
      expect(await audit.verify()).toMatchObject({ ok: true, statements: 1 });
      expect(await studies.show(agreement, 'by-region')).toMatchObject({ runs: 1, runsLeft: 2 });
    });
  }
});

test('a method over the rows of joined tables gives what it gives in the clear', async () => {
  await network.start();
  const { tables: agreed, ...rest } = studiesOf();
  const visits = { type: 'number', policy: 'filter', min: '0', max: '100' } as const;
  const text = [
    'name: survival',
    'title: Time to the app, by region',
    'agreement: App and care',
    'sql: SELECT p.visits AS time, p.app AS event, r.region AS grp FROM patients p JOIN residents r ON p.person = r.citizen',
    'method: survival',
    'parameters: { at: [2, 5] }',
    'to: [office]',
  ].join('\n');
  const patients = { ...agreed.patients!, columns: { ...agreed.patients!.columns, visits } };
  const list = [{ name: 'survival', text, to: ['office'], maxRuns: 1 }];
  const agreement = await network.agree({ ...rest, tables: { ...agreed, patients }, list });
  await requestStudy(network.homes.office.path, { agreement, study: 'survival' });
  const { method } = await network.as('office', ({ studies }) => studies.bind(agreement, 'survival'));
  const result = await network.as('office', ({ studies }) => studies.result(1));
  const expected = await inTheClear(network, tables, (relations, duck) => runMethodClear(method!, relations, duck));
  expect(expected.n).toBeGreaterThan(10);
  expect(largestRelativeDifference(result!.method!, expected)).toBeLessThan(1e-4);
});
