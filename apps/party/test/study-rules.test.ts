import { setTimeout } from 'node:timers/promises';
import type { Studies, StudyColumn } from '@symbolon/agreement';
import { linesOf, runStudyClear } from '@symbolon/analytics';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requestStudy, type StudyRunInfo } from '../src/index.ts';
import { inTheClear } from './study-clear.ts';
import {
  blocking,
  files,
  held,
  hospital,
  insurer,
  memberRows,
  name,
  normalised,
  patientRows,
  rule,
  studies,
} from './study-matched.ts';
import { type Party, parties, type StudyNetwork, studyNetwork } from './study-network.ts';

let network: StudyNetwork;
let agreement: string;
beforeAll(async () => {
  network = await studyNetwork(files);
  await network.start();
  agreement = await network.agree(studies);
});
afterAll(() => network.close());

const run = (study: string, party: Party): Promise<StudyRunInfo> =>
  requestStudy(network.homes[party].path, { agreement, study });

/** A party's newest run, once its statement is in the log. */
async function ended(party: Party): Promise<StudyRunInfo> {
  for (;;) {
    const last = (await network.as(party, ({ studies: own }) => own.runs())).at(-1)!;
    if (last.state === 'failed' || (last.state === 'done' && last.logIndex !== null)) return last;
    await setTimeout(50);
  }
}

async function cells(party: Party) {
  const { id: last } = await ended(party);
  return (await network.as(party, ({ studies: own }) => own.result(last)))?.cells;
}

/** DuckDB over all files, each text as its owner normalises it. */
async function cellsInTheClear(study: string) {
  const { bound } = await network.as('hospital', ({ studies: own }) => own.bind(agreement, study));
  return inTheClear(network, held, async (all, duck) => (await runStudyClear(bound!, all, duck)).cells, normalised);
}

test.each([
  ['mixed', 'insurer', ['office', 'hospital'], 2, { m: 0 }, { m: 0 }, {}],
  ['both', 'office', ['insurer'], 3, { n: 0, m: 0 }, { m: 0 }, { n: 0 }],
  ['members', 'hospital', ['hospital'], 2, { m: 0 }, { m: 0 }, undefined],
] as const)(
  '%s: rows that match by a rule give what DuckDB gives in the clear',
  async (study, by, to, sessions, ...cut) => {
    const asked = await run(study, by);
    expect(asked).toMatchObject({ state: 'done', details: { sessions } });
    const clear = await cellsInTheClear(study);
    expect(clear.flatMap(({ values }) => values).some((value) => value !== null)).toBe(true);
    for (const [i, party] of parties.entries()) {
      if (cut[i] === undefined) continue;
      expect(await cells(party)).toEqual((to as readonly Party[]).includes(party) ? clear : undefined);
      expect((await ended(party)).details!.cut).toEqual(cut[i]);
      const { ok, faults } = await network.as(party, ({ audit }) => audit.verify());
      expect({ ok, faults }).toEqual({ ok: true, faults: [] });
    }
  },
);

test('explains which sessions there will be, and what nobody learns', async () => {
  const { units, words } = await network.as('insurer', ({ studies: own }) => own.explain(agreement, 'both'));
  expect(units.map(({ parties: ids }) => ids)).toEqual([
    ['hospital', 'office'],
    ['hospital', 'insurer'],
    ['hospital', 'office', 'insurer'],
  ]);
  expect(linesOf(words).join('\n')).toContain(rule);
});

test('explains what could not run at the most rows that are agreed', async () => {
  const { members, ...tables } = studies.tables;
  const large = await network.agree({ ...studies, tables: { ...tables, members: { ...members!, maxRows: 900_000 } } });
  const explained = (party: Party) => network.as(party, ({ studies: own }) => own.explain(large, 'members'));
  const { units, words, atMost } = await explained('hospital');
  expect({ units, atMost }).toEqual({ units: [], atMost: ['members of insurer'] });
  expect(linesOf(words).join('\n')).toContain(rule);
  expect(words.at(-1)!.text).toMatch(
    /^At the most rows .* may: .* 1800000 entries .* fewer blocking keys, or a smaller cap$/,
  );
  // The insurer knows how many rows it has; of the hospital the limit is small.
  expect((await explained('insurer')).units).toHaveLength(2);
});

describe('records that are alike', () => {
  beforeEach(async () => {
    await network.replace('hospital', files.hospital);
    await network.replace('insurer', files.insurer);
  });
  const opened = async (): Promise<number[]> => (await cells('hospital'))![0]!.values.map(Number);
  const total = memberRows.reduce((sum, row) => sum + Number(row[3]), 0);

  test('several of the spoke like one of the hub: one of them counts', async () => {
    // Nobody else of the insurer is born on that day.
    const alone = memberRows[8]!;
    const twins = [997, 998].map((cost) => [`M${cost}`, alone[1], alone[2], cost]);
    await network.replace('insurer', insurer([...memberRows, ...twins]));
    await run('members', 'hospital');
    const [n, cost] = (await opened()) as [number, number];
    expect(n).toBe(memberRows.length);
    expect([Number(alone[3]), 997, 998]).toContain(cost - total + Number(alone[3]));
    // Three rows under one date of birth, where two are compared: that one is left out is its owner's to know.
    expect((await ended('hospital')).details!.cut).toEqual({ m: 0 });
    expect((await ended('insurer')).details!.cut).toEqual({ m: 1 });
  });

  test('two of the hub like one of the spoke: the spoke’s row counts once', async () => {
    const [person] = patientRows;
    await network.replace(
      'hospital',
      hospital([...patientRows.filter((_, i) => i !== 1), ['P900', ...person!.slice(1)]]),
    );
    await run('members', 'hospital');
    expect(await opened()).toEqual([memberRows.length - 1, total - Number(memberRows[1]![3])]);
  });
});

test('its owner hears before a run what a join by a rule would not find', async () => {
  const rows = [['M900', '莫 Koster', '1970-01-01', 1], ['M901', 'Willem', '', 2], ...memberRows];
  await network.replace(
    'insurer',
    insurer([...rows, ...[1, 2, 3].map((i) => [`M90${1 + i}`, 'Eefje', '1971-01-01', 3])]),
  );
  const { findings, ok } = await network.as('insurer', ({ agreements }) => agreements.check(agreement));
  await network.replace('insurer', files.insurer);
  const noted = findings.filter(({ check }) => check === 'blocking' || check === 'own table');
  expect(ok).toBe(true);
  expect(noted.map(({ state, text }) => `${state}: ${text}`).toSorted()).toEqual([
    'ok: members: 59 rows fit the agreement',
    'warning: members, joined with patients: of 59 rows, under a.born = b.born the cap leaves out 1, and 1 have no value',
    'warning: members: 1 characters of name are outside the agreed alphabet and never agree',
  ]);
});

describe('refused before anything runs', () => {
  const drafted = (change: Partial<Studies>) =>
    network.as('hospital', ({ agreements }) =>
      agreements.draftStudies({
        title: 'Another',
        parties,
        keyService: 'keys',
        studies: { ...studies, ...change },
        term: { from: '2020-01-01', until: '2099-12-31' },
      }),
    );
  const named = (column: StudyColumn): Partial<Studies> => {
    const { members, ...others } = studies.tables;
    return { tables: { ...others, members: { ...members!, columns: { ...members!.columns, name: column } } } };
  };
  const hub = { ...studies.tables.patients!, onePerPatient: undefined, rowsPerPatient: 2 } as unknown;

  test.each([
    ['a hidden column', named({ ...name, policy: 'hidden' }), /must not be hidden/],
    ['a text of unknown length', named({ type: 'text', policy: 'join' }), /maxLength/],
    [
      'an alphabet that is too large',
      named({
        ...name,
        alphabet: String.fromCodePoint(...Array.from({ length: 120 }, (_, i) => 0x100 + i)),
      }),
      /94 characters/,
    ],
    [
      'a hub with several rows a patient',
      { tables: { ...studies.tables, patients: JSON.parse(JSON.stringify(hub)) } as Studies['tables'] },
      /onePerPatient/,
    ],
    [
      'a key that is no equality',
      {
        joins: [{ hub: 'patients', spoke: 'members', rule, blocking: { keys: ['a.born < b.born'], cap: 1 } }],
        list: [studies.list[2]!],
      },
      /equality/,
    ],
    [
      'best without weights',
      { joins: [{ hub: 'patients', spoke: 'members', rule, blocking, prefer: 'best' }], list: [studies.list[2]!] },
      /weighted sum/,
    ],
  ] as [string, Partial<Studies>, RegExp][])('%s', async (_, change, says) => {
    await expect(drafted(change)).rejects.toMatchObject({
      code: 'agreement-invalid',
      message: expect.stringMatching(says),
    });
  });

  test('a value that is longer than agreed, naming file and line', async () => {
    await network.replace('insurer', insurer([['M0', 'x'.repeat(25), '1970-01-01', 1], ...memberRows.slice(1)]));
    const { findings } = await network.as('insurer', ({ agreements }) => agreements.check(agreement));
    await network.replace('insurer', files.insurer);
    expect(findings.find(({ check }) => check === 'own table')).toMatchObject({
      state: 'fault',
      code: 'data-out-of-range',
      text: expect.stringMatching(/insurer\.csv, line 2, column 'name': .* 24 characters/),
    });
  });
});
