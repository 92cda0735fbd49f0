import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Studies } from '@symbolon/agreement';
import { runStudyClear } from '@symbolon/analytics';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requestLink, requestStudy, type StudyRunInfo } from '../src/index.ts';
import { inTheClear } from './study-clear.ts';
import * as matched from './study-matched.ts';
import { type Party, parties, peopleFiles, type StudyNetwork, studiesOf, studyNetwork } from './study-network.ts';

let network: StudyNetwork;
afterEach(() => network.close());

const run = async (agreement: string, study: string): Promise<StudyRunInfo> => {
  const { id } = await requestStudy(network.homes.hospital.path, { agreement, study });
  return network.as('hospital', ({ studies: own }) => own.run(id));
};
const optOut = (party: Party, ...values: string[]) =>
  network.as(party, ({ subjects }) => subjects.optOut({ dataset: 'people', values }));

/** A party's newest run, once it is over there too. */
async function ended(party: Party): Promise<StudyRunInfo> {
  for (;;) {
    const last = (await network.as(party, ({ studies: own }) => own.runs())).at(-1)!;
    if (last.state === 'failed' || (last.state === 'done' && last.logIndex !== null)) return last;
    await setTimeout(50);
  }
}

const cellsAt = async (party: Party) => {
  const { id } = await ended(party);
  return (await network.as(party, ({ studies: own }) => own.result(id)))!.cells;
};
const without = (csv: string, ...ids: string[]): string =>
  csv
    .split('\n')
    .filter((line) => !ids.some((id) => line.startsWith(`${id},`)))
    .join('\n');

/** DuckDB over files of which these rows were deleted. */
async function inTheClearOf(
  agreement: string,
  study: string,
  { files, held, more = [] }: { files: Record<Party, string>; held: Record<string, Party>; more?: unknown[] },
) {
  const folder = join(network.folder, 'oracle');
  mkdirSync(folder);
  for (const party of parties) writeFileSync(join(folder, `${party}.csv`), files[party]);
  const { bound } = await network.as('hospital', ({ studies: own }) => own.bind(agreement, study));
  const [replaced, known] = more as [string | undefined, Record<string, string> | undefined];
  return inTheClear(
    { folder },
    held,
    async (all, duck) => (await runStudyClear(bound!, all, duck, known)).cells,
    replaced,
  );
}

/** DuckDB's averages are floating point: the last digit is not agreed. */
const rounded = <Of extends { readonly values: readonly (string | null)[] }>(cells: readonly Of[]) =>
  cells.map((cell) => ({ ...cell, values: cell.values.map((value) => value && Number(value).toFixed(9)) }));

const counted = (cells: readonly { values: readonly (string | null)[] }[], at = 0): number =>
  cells.reduce((all, { values }) => all + Number(values[at]), 0);

describe('a study that joins by columns', () => {
  const held = { patients: 'hospital', members: 'insurer', residents: 'office' } as const;

  test('leaves out who opted out, at the hub and at spokes; the others see smaller tables and nothing else', async () => {
    const files = peopleFiles();
    network = await studyNetwork(files);
    await network.start();
    const agreement = await network.agree();
    const before = await run(agreement, 'by-region');
    const all = await cellsAt('hospital');
    expect(before.details).toMatchObject({ leftOut: { p: 0 }, sizes: { p: { hospital: { rows: 60 } } } });

    // Each uses the app, is a member and a resident: one is left out here, one there.
    expect(await optOut('hospital', 'p1000', 'P9999')).toMatchObject({ column: 'person', people: 2, records: 1 });
    await optOut('insurer', 'P1021', 'P1042');
    await optOut('office', 'P1084', 'X1');
    const left = await run(agreement, 'by-region');
    expect(left.details!.sizes).toMatchObject({
      p: { hospital: { rows: 59, patients: 59 } },
      m: { insurer: { rows: 52 } },
      r: { office: { rows: 60 } },
    });
    expect(left.details!.leftOut).toEqual({ p: 1 });
    expect((await ended('insurer')).details!.leftOut).toEqual({ m: 2 });
    expect((await ended('office')).details!.leftOut).toEqual({ r: 2 });
    const cells = await cellsAt('hospital');
    expect(counted(cells)).toBe(counted(all) - 4);
    const deleted = {
      hospital: without(files.hospital, 'P1000'),
      insurer: without(files.insurer, 'P1021', 'P1042'),
      office: without(files.office, 'P1084', 'X1'),
    };
    expect(rounded(cells)).toEqual(rounded(await inTheClearOf(agreement, 'by-region', { files: deleted, held })));
    for (const party of parties)
      expect(await network.as(party, ({ audit }) => audit.verify())).toMatchObject({ ok: true });
  });
});

describe('a study that joins by a match rule', () => {
  test('leaves out who opted out', async () => {
    network = await studyNetwork(matched.files);
    await network.start();
    const agreement = await network.agree(matched.studies);
    await run(agreement, 'members');
    const all = await cellsAt('hospital');
    await network.as('hospital', ({ subjects }) =>
      subjects.optOut({ dataset: 'people', column: 'person', values: ['P100'] }),
    );
    await network.as('insurer', ({ subjects }) => subjects.optOut({ dataset: 'people', values: ['M1'] }));
    const left = await run(agreement, 'members');
    expect(left.details).toMatchObject({
      leftOut: { p: 1 },
      sizes: { p: { hospital: { rows: 59 } }, m: { insurer: { rows: 53 } } },
    });
    const cells = await cellsAt('hospital');
    expect(counted(cells)).toBe(counted(all) - 2);
    const files = {
      ...matched.files,
      hospital: without(matched.files.hospital, 'P100'),
      insurer: without(matched.files.insurer, 'M1'),
    };
    const held = matched.held;
    expect(cells).toEqual(await inTheClearOf(agreement, 'members', { files, held, more: [matched.normalised] }));
  });
});

describe('a study that joins by the pairs of an earlier link', () => {
  const [head, ...lines] = peopleFiles().insurer.trim().split('\n');
  const insurer = `${[head, ...lines.map((line) => line.replace(/^P/, "p'"))].join('\n')}\n`;
  const column = { type: 'text', maxLength: 10, normalise: ['lower', 'alphanumeric', 'squash'] } as const;
  const linkage = {
    tables: {
      a: { party: 'insurer', dataset: 'people', maxRows: 1000, columns: { member: column } },
      b: { party: 'hospital', dataset: 'people', maxRows: 1000, columns: { person: column } },
    },
    link: { rule: 'a.member = b.person', reveal: 'pairs', to: ['insurer', 'hospital'], maxRuns: 5 },
  } as const;
  const { tables, joins: _, ...common } = studiesOf();
  const patients = tables.patients!;
  const studies = {
    ...common,
    tables: {
      patients: { ...patients, columns: { ...patients.columns, app: { ...patients.columns.app!, policy: 'group' } } },
      members: tables.members!,
    },
    joins: [{ hub: 'patients', spoke: 'members', linked: true }],
    list: [
      {
        name: 'by-app',
        text: 'SELECT p.app, COUNT(*) AS n, AVG(m.cost) AS cost FROM patients p JOIN members m ON agreed(p, m) GROUP BY p.app',
        to: ['office', 'hospital'],
        maxRuns: 4,
      },
    ],
  } as const;
  let agreement: string;
  beforeEach(async () => {
    network = await studyNetwork({ ...peopleFiles(), insurer });
    await network.start();
    agreement = await network.agree(studies as unknown as Studies, { linkage });
  });

  test('joins the others as before, when people opt out or are erased after the link', async () => {
    await requestLink(network.homes.hospital.path, { agreement });
    await run(agreement, 'by-app');
    const all = await cellsAt('hospital');
    // One uses the app, one does not.
    await optOut('hospital', 'P1000');
    const erased = await network.as('insurer', ({ subjects }) =>
      subjects.erase({ dataset: 'people', values: ["p'1007"] }),
    );
    expect(erased).toMatchObject({ records: 1, matches: 1, unknown: [] });
    const left = await run(agreement, 'by-app');
    expect(left.details!.sizes).toMatchObject({ p: { hospital: { rows: 59 } }, m: { insurer: { rows: 53 } } });
    const cells = await cellsAt('hospital');
    expect(cells.map(({ values }, i) => Number(all[i]!.values[0]) - Number(values[0]))).toEqual([1, 1]);
    const files = {
      ...peopleFiles(),
      hospital: without(peopleFiles().hospital, 'P1000'),
      insurer: without(insurer, "p'1007"),
    };
    const held = { patients: 'hospital', members: 'insurer' } as const;
    const known = { m: "replace(m.member, '''', '') = lower(p.person)" };
    expect(cells).toEqual(await inTheClearOf(agreement, 'by-app', { files, held, more: [undefined, known] }));
  });

  test('joins nobody by mistake, when people who had opted out before the link come back', async () => {
    await optOut('hospital', 'P1000');
    const link = await requestLink(network.homes.hospital.path, { agreement });
    expect(link.details).toMatchObject({ leftOut: 1, rows: { b: 59 } });
    await run(agreement, 'by-app');
    const cells = await cellsAt('hospital');
    await network.as('hospital', ({ subjects }) => subjects.optIn({ dataset: 'people', values: ['P1000'] }));
    await run(agreement, 'by-app');
    expect(await cellsAt('hospital')).toEqual(cells);
    await requestLink(network.homes.hospital.path, { agreement });
    await run(agreement, 'by-app');
    expect(counted(await cellsAt('hospital'))).toBe(counted(cells) + 1);
  });
});
