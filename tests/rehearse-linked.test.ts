import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonOf, symbolon } from './support/script.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-linked-'));
  const rows = (head: string, lines: string[]): string => `${[head, ...lines].join('\n')}\n`;
  const people = Array.from({ length: 90 }, (_, i) => ({ i, name: `${'abcdefghi'[i % 9]}${1000 + 7 * i} ward` }));
  const files = {
    'patients.csv': rows(
      'person,name,app,visits',
      people.map(({ i, name }) => `P${i},${name},${i % 3 === 0 ? 'no' : 'yes'},${i % 11}`),
    ),
    'members.csv': rows(
      'member,name,cost',
      people
        .filter(({ i }) => i % 4 !== 0)
        .toReversed()
        .map(({ i, name }) => `M${500 + i},${name.toUpperCase().slice(0, -1)},${(i * 37) % 900}.5`),
    ),
    'by-app.yaml': [
      'name: by-app',
      'title: Cost, by use of the app',
      'agreement: agreement.yaml',
      'sql: SELECT p.app, COUNT(*) AS n, AVG(m.cost) AS cost FROM patients p JOIN members m ON agreed(p, m) GROUP BY p.app',
      'to: [office]',
    ].join('\n'),
    'agreement.yaml': agreement,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const named = 'columns: { name: { type: text, maxLength: 20, normalise: [nfkd, lower] } }';
const agreement = `title: Linked care
parties: [hospital, insurer, office]
term: { from: 2026-01-01, until: 2027-12-31 }
minPatients: 5
tables:
  patients:
    holders: [hospital]
    maxRows: 1000
    patient: person
    onePerPatient: true
    columns:
      person: { type: text, policy: join, required: true }
      app: { type: boolean, policy: group, required: true }
      visits: { type: number, min: "0", max: "20", policy: aggregate }
  members:
    holders: [insurer]
    maxRows: 1000
    patient: member
    onePerPatient: true
    columns:
      member: { type: text, policy: join, required: true }
      cost: { type: number, min: "0", max: "1000", scale: 1, policy: aggregate }
joins:
  - { hub: patients, spoke: members, linked: true }
link:
  a: { holder: "hospital: patients", maxRows: 1000, ${named} }
  b: { holder: "insurer: members", maxRows: 1000, ${named} }
  rule: levenshtein(a.name, b.name) <= 1
  blocking: { keys: ["left(a.name, 5) = left(b.name, 5)"], cap: 4 }
  cardinality: one-to-one
studies: [by-app.yaml]
`;

const party = ['--party', 'hospital=patients.csv', '--party', 'insurer=members.csv'];
const rehearse = () => symbolon(folder, ['rehearse', 'study', 'by-app.yaml', '--clear', ...party, '--json']);

test('a file says how records are linked; the study joins them, and equals the clear run', async () => {
  const ran = await rehearse();
  expect(ran.stderr).toContain('The records linked, and the pairs shown to both sides');
  expect(ran.code).toBe(0);
  expect(jsonOf(ran)).toMatchObject({ equalsClear: true, largestRelativeDifference: 0, auditVerified: true });
});

test('a field of the link that is wrong is named, with its line', async () => {
  writeFileSync(join(folder, 'agreement.yaml'), agreement.replace('maxRows: 1000, columns', 'maxRows: many, columns'));
  const ran = await rehearse();
  expect(ran.code).not.toBe(0);
  expect(ran.stderr).toMatch(/agreement\.yaml, line 26: link\.a\.maxRows: must be a whole number/);
});
