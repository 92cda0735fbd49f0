import { join } from 'node:path';
import type { Studies } from '@symbolon/agreement';
import { type CoachingTable, coachingTables, writeCoachingTables } from '@symbolon/testkit';
import type { HeldData } from '../rehearsal/study-rehearsal.ts';

export const coachingTitle = 'E-coaching and visits to the specialist';

const seed = 'demo';
const patients = 1200;
const maxRows = 4000;
const maxRuns = 20;

/** The study of the tour. The institute learns its result, and nobody else. */
export const visits = {
  name: 'visits-with-the-app',
  title: 'Do patients with the e-coaching app see the specialist less often?',
  sql: `SELECT patients.disease, patients.app, COUNT(*) AS patients,
  AVG(claims.specialist_before) AS before, AVG(claims.specialist_after) AS after
FROM patients JOIN claims USING (id)
GROUP BY patients.disease, patients.app
ORDER BY patients.disease, patients.app`,
} as const;

const others = [
  {
    name: 'visits-saved',
    title: 'How many visits to the specialist does the app save?',
    method: 'difference-in-differences',
    sql: `SELECT claims.specialist_before AS before, claims.specialist_after AS after, patients.app AS treated
FROM patients JOIN claims USING (id)`,
  },
  {
    name: 'flares',
    title: 'Days to the first flare, with and without the app',
    method: 'survival',
    parameters: 'at: [60, 120, 180, 240, 300, 360]',
    sql: `SELECT patients.day AS time, patients.flare AS event, CASE WHEN patients.app THEN 'app' ELSE 'no app' END AS grp
FROM patients JOIN claims USING (id)`,
  },
] as const;

/** What would show each patient by itself. */
export const forbiddenQuestion = `SELECT patients.id, AVG(claims.paid_after) AS paid
FROM patients JOIN claims USING (id)
GROUP BY patients.id`;

interface StudyText {
  readonly name: string;
  readonly title: string;
  readonly sql: string;
  readonly method?: string;
  readonly parameters?: string;
}

function fileOf({ name, title, sql, method, parameters }: StudyText): string {
  return [
    `name: ${name}`,
    `title: ${title}`,
    `agreement: ${coachingTitle}`,
    ...(method === undefined ? [] : [`method: ${method}`]),
    'sql: |',
    ...sql.split('\n').map((line) => `  ${line}`),
    ...(parameters === undefined ? [] : ['parameters:', `  ${parameters}`]),
    'to: [institute]\n',
  ].join('\n');
}

/** What Fred and Sally let the institute ask of their patients together. */
export const coachingStudies: Studies = {
  minPatients: 10,
  tables: {
    patients: {
      holders: [{ party: 'sally', dataset: 'coached' }],
      maxRows,
      patient: 'id',
      onePerPatient: true,
      columns: {
        id: { type: 'text', policy: 'join', required: true },
        disease: { type: 'text', values: ['colitis', 'crohn', 'other'], policy: 'group', required: true },
        severity: { type: 'number', min: '0', max: '10', policy: 'filter', required: true },
        app: { type: 'boolean', policy: 'group', required: true },
        flare: { type: 'boolean', policy: 'filter', required: true },
        day: { type: 'number', min: '1', max: '365', policy: 'filter', required: true },
      },
    },
    claims: {
      holders: [{ party: 'fred', dataset: 'claims' }],
      maxRows,
      patient: 'id',
      onePerPatient: true,
      columns: {
        id: { type: 'text', policy: 'join', required: true },
        specialist_before: { type: 'number', min: '0', max: '99', policy: 'filter', required: true },
        specialist_after: { type: 'number', min: '0', max: '99', policy: 'filter', required: true },
        paid_after: { type: 'number', min: '0', max: '50000', policy: 'aggregate', required: true },
      },
    },
  },
  joins: [{ hub: 'patients', spoke: 'claims', on: [['id', 'id']] }],
  list: [visits, ...others].map((study) => ({ name: study.name, text: fileOf(study), to: ['institute'], maxRuns })),
  free: {
    by: ['institute'],
    tables: ['patients', 'claims'],
    methods: ['select', 'describe', 'histogram', 't-test', 'risk'],
    to: ['institute'],
    maxRuns,
  },
};

/** Writes Fred's and Sally's tables. A few patients have another disease: too few to show. */
export async function writeCoached(folder: string): Promise<HeldData[]> {
  const tables = coachingTables({ patients, seed });
  const paths = await writeCoachingTables(
    join(folder, 'data'),
    tables.filter(({ name }) => name === 'patients' || name === 'claims').map(withRareDisease),
  );
  return [
    { party: 'sally', dataset: 'coached', source: { kind: 'csv', path: paths.patients } },
    { party: 'fred', dataset: 'claims', source: { kind: 'csv', path: paths.claims } },
  ];
}

function withRareDisease(table: CoachingTable): CoachingTable {
  if (table.name !== 'patients') return table;
  return { ...table, rows: table.rows.map((row, i) => (i % 90 === 0 ? { ...row, disease: 'other' } : row)) };
}
