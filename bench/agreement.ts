import {
  agreementHash,
  cosignAgreement,
  difference,
  memberOf,
  parseAgreement,
  problems,
  readAgreement,
  requireSigned,
  signAgreement,
  verifyAgreement,
} from '@symbolon/agreement';
import { canonicalBytes } from '@symbolon/crypto';
import { testOrganisation } from '../packages/agreement/test/samples.ts';
import { type Row, row } from './row.ts';

const columns = 500;
const repetitions = 21;
const limit = 0.1;

/** Two tables of studies, half of the columns in each, with everything that a column says. */
function written(): string {
  const table = (name: string, party: string): string[] => [
    `    ${name}:`,
    `      holders: [{ party: ${party}, dataset: ${name} }]`,
    '      maxRows: 100000',
    '      patient: id',
    '      onePerPatient: true',
    '      columns:',
    '        id: { type: text, policy: join, required: true }',
    ...Array.from({ length: columns / 2 - 1 }, (_, i) => `        c${i}: ${kinds[i % kinds.length]}`),
  ];
  return [
    'title: Many columns',
    'parties: [hospital, insurer]',
    'keyService: keys',
    'term: { from: 2026-01-01, until: 2026-12-31 }',
    'studies:',
    '  tables:',
    ...table('visits', 'hospital'),
    ...table('claims', 'insurer'),
    '  joins: [{ hub: visits, spoke: claims, on: [[id, id]] }]',
    '  minPatients: 10',
    '  list: [{ name: count, text: SELECT COUNT(*) FROM visits, to: [insurer], maxRuns: 1 }]',
  ].join('\n');
}

const kinds = [
  '{ type: number, policy: filter, min: "0", max: "300", scale: 1, unit: mg/dL, description: Glucose in blood, towards: [insurer] }',
  '{ type: text, policy: group, values: [a, b, c, d], codeSystem: http://hl7.org/fhir/sid/icd-10-cm, description: A diagnosis }',
  '{ type: date, policy: filter, min: 2020-01-01, max: 2026-12-31, description: A day }',
  '{ type: boolean, policy: group, required: true, description: Whether it was so }',
];

/** An agreement of many columns: read as a person wrote it, with all its problems; parsed and verified as servers do; compared. */
export async function run(): Promise<Row[]> {
  const [hospital, insurer, keys] = await Promise.all([
    testOrganisation('hospital'),
    testOrganisation('insurer'),
    testOrganisation('keys', 'keyservice'),
  ]);
  const members = new Map([hospital, insurer, keys].map(({ card }) => [card.id, memberOf(card)]));
  const text = written();
  const first = seconds(() => requireNone(text));
  const agreement = readAgreement(text, 'yaml', (id) => members.get(id)!);
  const payload = canonicalBytes(agreement);
  const signed = cosignAgreement(signAgreement(agreement, hospital.signing), insurer.signing);
  const changed = { ...agreement, title: 'Another' };
  const cases: [string, () => unknown, number | null][] = [
    ['written in YAML, all problems', () => requireNone(text), limit],
    ['payload parsed and checked', () => parseAgreement(payload), limit],
    ['signatures of two verified, too', () => requireSigned(verifyAgreement(signed)), limit],
    ['hash', () => agreementHash(agreement), null],
    ['difference of two versions', () => difference(agreement, changed), null],
  ];
  return [
    row('agreement', 'written in YAML, all problems; the first time in a process', columns, first, 's'),
    ...cases.map(([name, work, most]) => row('agreement', name, columns, median(work), 's', most)),
  ];
}

function requireNone(text: string): void {
  const [first] = problems(text, 'yaml');
  if (first !== undefined) throw new Error(`line ${first.line}: ${first.field} ${first.rule}`);
}

function median(work: () => unknown): number {
  const all = Array.from({ length: repetitions }, () => seconds(work)).sort((one, other) => one - other);
  return all[repetitions >> 1]!;
}

function seconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
