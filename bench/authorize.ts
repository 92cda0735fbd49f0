import { agreementHash, memberOf, readAgreement, requireStudies } from '@symbolon/agreement';
import type { Home } from '@symbolon/service';
import type { StoredAgreement } from '../apps/party/src/agreements/store.ts';
import { authorizePerson, authorizeStudy, type StudyFacts } from '../apps/party/src/authorize.ts';
import { testOrganisation } from '../packages/agreement/test/samples.ts';
import { type Row, row } from './row.ts';

const columns = 500;
const repetitions = 2000;
const limit = 0.002;

/** Two tables of studies with half of the columns each, all of which go to one receiver. */
const written = [
  'title: Many columns',
  'parties: [hospital, insurer]',
  'keyService: keys',
  'term: { from: 2026-01-01, until: 2026-12-31 }',
  'studies:',
  '  tables:',
  ...['visits', 'stays'].flatMap((name) => [
    `    ${name}:`,
    `      holders: [{ party: hospital, dataset: ${name} }]`,
    '      maxRows: 100000',
    '      patient: c0',
    '      columns:',
    '        c0: { type: text, policy: join, required: true }',
    ...Array.from(
      { length: columns / 2 - 1 },
      (_, i) => `        c${i + 1}: { type: number, policy: filter, min: "0", max: "9", towards: [insurer] }`,
    ),
  ]),
  '  joins: []',
  '  minPatients: 10',
  '  list: [{ name: count, text: SELECT COUNT(*) FROM visits, to: [insurer], maxRuns: 9 }]',
].join('\n');

/** Decisions as a server makes them: of a person by role; of a study, by the agreement and the policies on the bound plan. */
export async function run(): Promise<Row[]> {
  const [hospital, insurer, keys] = await Promise.all([
    testOrganisation('hospital'),
    testOrganisation('insurer'),
    testOrganisation('keys', 'keyservice'),
  ]);
  const members = new Map([hospital, insurer, keys].map(({ card }) => [card.id, memberOf(card)]));
  const agreement = requireStudies(readAgreement(written, 'yaml', (id) => members.get(id)!));
  const hash = agreementHash(agreement);
  const facts = (used: number): StudyFacts => ({
    home: { card: hospital.card, partners: { list: () => [insurer.card, keys.card] } } as unknown as Home,
    stored: {
      agreement,
      hash,
      missing: [],
      notices: [],
      signedBy: ['hospital', 'insurer'],
    } as unknown as StoredAgreement,
    successors: [],
    approvals: [
      {
        ...{ action: 'study', agreement: hash, name: 'count', hash, by: 'ann', kind: 'user' },
        ...{ roles: ['privacy-officer'], approvedAt: '2026-06-01T12:00:00Z' },
      },
    ],
    own: {
      studyHash: hash,
      question: { kind: 'study' },
      parties: ['hospital', 'insurer'],
      uses: Array.from({ length: used }, (_, i) => ({
        ...{ table: 'visits', column: `c${i + 1}`, use: 'filter', clause: 'WHERE' },
      })),
    },
    askedBy: null,
    runsSoFar: 0,
    now: new Date('2026-06-01T12:00:00Z'),
  });
  const study = (used: number) => () => {
    const all = facts(used);
    return () => {
      const rows = { visits: { hospital: 1000 } };
      const decision = authorizeStudy({ agreement: hash, study: 'count', studyHash: hash, by: 'insurer', rows }, all);
      if (!decision.grant) throw new Error(decision.reason);
    };
  };
  const person = () => () => authorizePerson({ kind: 'user', id: 'ann', roles: ['analyst'] }, 'study.run');
  return [
    ...measured('a person, by role', 1, person()),
    ...measured('a study over 10 columns', columns, study(10)()),
    ...measured('a study over 30 columns', columns, study(30)()),
  ];
}

function measured(name: string, n: number, decide: () => void): Row[] {
  for (let i = 0; i < 200; i++) decide();
  const times = Array.from({ length: repetitions }, () => {
    const start = performance.now();
    decide();
    return (performance.now() - start) / 1000;
  }).toSorted((x, y) => x - y);
  const at = (part: number): number => times[Math.floor(part * times.length)]!;
  return [
    row('authorize', `${name}: median`, n, at(0.5), 's', limit),
    row('authorize', `${name}: 99th percentile`, n, at(0.99), 's'),
  ];
}
