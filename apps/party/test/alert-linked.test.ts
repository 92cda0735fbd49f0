import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coversLink, type LinkAgreement } from '@symbolon/agreement';
import { base64url, systemRng } from '@symbolon/crypto';
import fc from 'fast-check';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type IndexedLink, LinkedPatients } from '../src/alerts/linked.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { fingerprint } from '../src/data/fingerprint.ts';
import { type AlertNetwork, alertNetwork } from './alert-network.ts';
import { quiet } from './network.ts';

let network: AlertNetwork;
let sally: PartyContext;
let agreement: LinkAgreement;

beforeEach(async () => {
  network = await alertNetwork();
  sally = await openContext(network.homes.sally.path, { logger: quiet });
  onTestFinished(async () => {
    await sally.close();
    await network.close();
  });
  const stored = await sally.agreements.get(network.agreement);
  if (!coversLink(stored.agreement)) throw new Error('no link');
  agreement = stored.agreement;
});

interface Pair {
  readonly row: number | null;
  readonly key: string | null;
  readonly peer: number;
}

/** A run with these pairs, in pages of a few. */
async function finished(pairs: readonly Pair[]): Promise<number> {
  const run = await sally.runs.start(network.agreement, base64url(systemRng(32)));
  const pages: string[] = [];
  for (let at = 0; at < pairs.length; at += 3) {
    const some = pairs.slice(at, at + 3);
    const [row, a, b, key] = [
      some.map((pair) => pair.row),
      some.map(({ peer }) => peer),
      some.map((_, i) => at + i),
      some.map((pair) => pair.key),
    ];
    pages.push(JSON.stringify({ row, a, b, key }));
  }
  await sally.runs.done(run, {
    ...{ pages, statement: new Uint8Array(1), keeping: async () => undefined },
    details: () => ({ rows: { a: 99, b: 99 }, matches: pairs.length }) as never,
  });
  return run;
}

const patientsOf = (run: number, more: Partial<IndexedLink> = {}) =>
  LinkedPatients.of(sally, {
    ...{ run, details: {}, agreement, table: 'b', leftOut: undefined, column: 'id', birthDateColumn: undefined },
    ...more,
  });

test('finds just the rows of each patient, ascending, sixteen at most: as plain arithmetic does', async () => {
  const links = fc.uniqueArray(
    fc.record({ row: fc.nat(9), partners: fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 20 }) }),
    {
      selector: ({ row }) => row,
      maxLength: 8,
    },
  );
  await fc.assert(
    fc.asyncProperty(links, async (found) => {
      const people = found.toSorted((x, y) => x.row - y.row);
      const pairs = people.flatMap(({ row, partners }) => partners.map((peer) => ({ row, key: `K${row}`, peer })));
      const patients = await patientsOf(await finished(pairs));
      expect(patients.size).toBe(people.length);
      for (let row = 0; row < 12; row++) {
        const partners = people.find((one) => one.row === row)?.partners;
        const expected = partners?.toSorted((x, y) => x - y).slice(0, 16);
        expect(patients.find(`K${row}`)?.rows).toEqual(expected);
      }
    }),
    { numRuns: 20 },
  );
});

test('erased records, records without a key, and identifiers that are only alike are nobody', async () => {
  const run = await finished([
    { row: 0, key: 'P1', peer: 7 },
    { row: null, key: null, peer: 3 },
    { row: 2, key: null, peer: 9 },
  ]);
  const patients = await patientsOf(run);
  expect(patients.size).toBe(1);
  expect(patients.find('P1')).toEqual({ rows: [7], birthDate: null });
  for (const other of ['p1', 'P01', ' P1', 'P', '', 'P2', '__proto__']) expect(patients.find(other)).toBeUndefined();
});

test('of a key that is a number, 007 and 7 are the same', async () => {
  const run = await finished([{ row: 0, key: '7', peer: 4 }]);
  const { tables } = agreement;
  const columns = { ...tables.b.columns, id: { type: 'integer', min: 0, max: 99 } };
  const numbered = { ...agreement, tables: { ...tables, b: { ...tables.b, columns } } } as unknown as LinkAgreement;
  const patients = await patientsOf(run, { agreement: numbered });
  for (const name of ['7', '007', ' 7']) expect(patients.find(name)?.rows).toEqual([4]);
  expect(patients.find('70')).toBeUndefined();
});

test('dates of birth, and who opted out by another column, are read from the own data set', async () => {
  const run = await finished([
    { row: 0, key: 'P1', peer: 7 },
    { row: 3, key: 'P4', peer: 3 },
    { row: 9, key: 'P-gone', peer: 5 },
  ]);
  await network.sally(({ subjects }) =>
    subjects.optOut({ dataset: 'patients', column: 'medicaid', values: ['M-104'] }),
  );
  const { leftOut } = await sally.optOuts.screen('patients', agreement);
  const patients = await patientsOf(run, { leftOut, birthDateColumn: 'born' });
  expect(patients.find('P1')).toEqual({ rows: [7], birthDate: '1980-05-17' });
  expect(patients.find('P4')).toBeUndefined();
  expect(patients.find('P-gone')).toEqual({ rows: [5], birthDate: null });
});

test('without a key column, records are found by their numbers: only in the data that was linked, and nobody whose name is two people’s', async () => {
  const pairs = [0, 1, 2, 3].map((row) => ({ row, key: null, peer: 10 + row }));
  const run = await finished(pairs);
  const { key: _, ...b } = agreement.tables.b;
  const keyless = { ...agreement, tables: { ...agreement.tables, b } } as LinkAgreement;
  const csv =
    'id,mrn,born\nP1,100,1980-05-17\nP2,200,1990-01-01\nP3,200,1991-01-01\nP4,,1992-01-01\nP5,300,1993-01-01\n';
  const file = join(network.folder, 'patients.csv');
  writeFileSync(file, csv);
  const data = await fingerprint(await sally.datasets.source('patients'));
  const link = { agreement: keyless, column: 'mrn', details: { data }, birthDateColumn: 'born' };
  const patients = await patientsOf(run, link);
  expect(patients.find('100')).toEqual({ rows: [10], birthDate: '1980-05-17' });
  for (const other of ['200', '', '300', 'P1']) expect(patients.find(other)).toBeUndefined();
  await expect(patientsOf(run, { ...link, details: {} })).rejects.toMatchObject({ code: 'alert-link' });
  writeFileSync(file, csv.replace('300', '301'));
  await expect(patientsOf(run, link)).rejects.toMatchObject({ code: 'alert-link', culprit: 'patients' });
});
