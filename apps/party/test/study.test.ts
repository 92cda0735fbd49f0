import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runStudyClear, type StudyResult } from '@symbolon/analytics';
import { openDuckDb } from '@symbolon/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Progress, requestStudy, type StudyRunInfo } from '../src/index.ts';
import { type Party, parties, type StudyNetwork, studyNetwork } from './study-network.ts';

let network: StudyNetwork;
beforeEach(async () => {
  network = await studyNetwork();
});
afterEach(() => network.close());

const tables = { patients: 'hospital', members: 'insurer', residents: 'office' } as const;

/** What the study must give: DuckDB over all three files, which nobody has together. */
async function inTheClear(agreement: string, study: string): Promise<StudyResult> {
  const { bound } = await network.as('hospital', ({ studies }) => studies.bind(agreement, study));
  const duck = await openDuckDb({ threads: 1 });
  const of = (table: keyof typeof tables): string =>
    `(SELECT * FROM '${join(network.folder, `${tables[table]}.csv`)}')`;
  const relations = Object.fromEntries(
    Object.entries(tables).map(([table, party]) => [table, { [party]: of(table as keyof typeof tables) }]),
  );
  try {
    return await runStudyClear(bound!, relations, {
      rows: async (sql) => {
        const { values, rows } = await duck.columns(sql);
        return Array.from({ length: rows }, (_, row) => values.map((column) => column[row]));
      },
    });
  } finally {
    duck.close();
  }
}

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
  const { columns, rows, cells, totals } = await inTheClear(agreement, 'by-region');
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
}, 120_000);
