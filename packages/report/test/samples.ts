import {
  compareMeans,
  type HistogramResult,
  histogram,
  kaplanMeier,
  logisticRegression,
  logisticSummary,
  type MethodResult,
  moments,
  riskMeasures,
  type SurvivalResult,
  said,
  survivalTable,
  withIntercept,
} from '@symbolon/analytics';
import { flowOf, type Report, type ReportResult, type ReportStudy } from '../src/index.ts';

const about: Omit<Report, 'result'> = {
  title: 'Do patients who use the app see the specialist less often?',
  note: 'Approved by the boards of both organisations in March. Visits of 2024 and 2025; patients with inflammatory bowel disease.',
  sql: "SELECT i.region, COUNT(*) AS visits, AVG(v.cost) AS cost\nFROM visits AS v JOIN insured AS i USING (pid)\nWHERE v.kind = 'specialist' AND v.seen >= i.joined\nGROUP BY i.region",
  method: null,
  agreement: { title: 'E-coaching, first year', hash: 'q5Jw3vKf0m8o2XbS1tYHdJcLr7uVnE4PzAiGk6ToWxQ' },
  date: '2026-03-14T09:26:53Z',
  minPatients: 10,
  parties: [
    {
      id: 'north',
      name: 'Northern Hospital',
      holds: ['visits: 18,204 rows of 4,113 patients'],
      receives: true,
      learned: ['how many rows the tables of the others have'],
    },
    {
      id: 'insurer',
      name: 'Sally’s Insurance & Sons',
      holds: ['insured: 51,022 rows of 51,022 patients'],
      receives: false,
      learned: ['that the study ran, and when'],
    },
    { id: 'office', name: 'Office of Statistics', holds: [], receives: true, learned: [] },
  ],
  flow: flowOf(
    {
      tables: [
        { name: 'visits', alias: 'v', parties: ['north'], maxRows: 50_000, patient: 'pid', onePerPatient: false },
        { name: 'insured', alias: 'i', parties: ['insurer'], maxRows: 60_000, patient: 'pid', onePerPatient: true },
      ],
      joins: [{ spoke: 'i', kind: 'keys', on: [['pid', 'pid']] }],
      nodes: [
        {
          op: 'local',
          sql: "((v.kind = 'specialist') AND (v.seen >= DATE '2024-01-01') AND (v.seen <= DATE '2025-12-31') AND (v.minutes > 5))",
          type: { kind: 'boolean' },
          nullable: false,
          table: 'v',
          columns: ['kind'],
          shown: [],
          bare: false,
        },
        { op: 'negative', sql: '(v.seen >= i.joined)', type: { kind: 'boolean' }, nullable: false, of: [0] },
      ],
      where: [0, 1],
    },
    { v: { north: { rows: 18_204, patients: 4113 } }, i: { insurer: { rows: 51_022, patients: 51_022 } } },
    { name: 'visits counted', value: '2,981' },
  ),
  opened: [
    said('opened', 'Opened, for each of 5 cells, whether anyone is in it or not, by i.region:', [
      'the number of rows',
      'the sum of v.cost, where v.cost is not NULL',
    ]),
    said('unless', 'Each only where at least 10 patients stand behind it. Else it is marked as suppressed.'),
    said('unless', 'How many rows have no value (NULL) can follow from two counts.'),
  ],
  proofs: [
    { name: 'Study', value: 'oZ1sJm0y5lQ2T7aN9cDfBvXhK3eRwUgP4iLk8MtYxSs' },
    { name: 'Transcript', value: 'Hk2vQd7LwXo5sBf1RmTz9ENcUyPj3aGi6tK0rVhY8eM' },
    { name: 'Statement', value: 'entry 41 of epoch 1 of the log of Northern Hospital' },
  ],
};

const study: ReportStudy = {
  columns: ['region', 'visits', 'cost', 'cost_per_patient'],
  keys: [{ node: 0, size: 5 }],
  nodes: [
    {
      op: 'local',
      sql: 'i.region',
      type: { kind: 'code', values: ['north', 'south', 'east', 'west'] },
      nullable: true,
      table: 'i',
      columns: ['region'],
      shown: ['region'],
      bare: true,
    },
  ],
  aggregates: [
    { kind: 'count', opened: [0], scale: 0, sql: 'COUNT(*)' },
    { kind: 'avg', opened: [1, 2], scale: 2, sql: 'AVG(v.cost)' },
    { kind: 'sum', opened: [2], scale: 2, sql: 'SUM(v.cost)' },
  ],
  after: { select: ['k0', 'a0', 'a1', '(a2 / a0)'], having: null, orderBy: [], limit: null, offset: null },
};

const cells = [
  { keys: ['north'], values: ['1204', '83.41276', '100429.11'], suppressed: [false, false, false] },
  { keys: ['south'], values: ['987', '-12.5', '91422.00'], suppressed: [false, false, false] },
  { keys: ['east'], values: [null, null, null], suppressed: [true, true, true] },
  { keys: ['west'], values: ['790', null, null], suppressed: [false, true, true] },
  { keys: [null], values: [null, null, null], suppressed: [true, true, true] },
];

const ofStudy: ReportResult = {
  kind: 'study',
  study,
  result: {
    columns: study.columns,
    rows: [
      ['north', '1204', '83.41276', '83.4129'],
      ['south', '987', '-12.5', '92.6261'],
      ['east', null, null, null],
      ['west', '790', null, null],
      [null, null, null, null],
    ],
    cells,
    totals: ['2981', null, null],
  },
};

// Acute myelogenous leukaemia, maintained or not: R. Miller, Survival Analysis (1981), p. 49; R's `survival::aml`.
const time = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45];
const censored = new Set([2, 5, 8, 10, 16]);
export const aml = kaplanMeier(
  survivalTable(
    {
      time,
      event: time.map((_, i) => !censored.has(i)),
      group: time.map((_, i) => (i < 11 ? 'maintained' : 'not maintained')),
    },
    ['maintained', 'not maintained'],
  ),
  { at: [0, 20, 40, 60, 80, 100, 120, 140, 160] },
);

/** The same as if only some times had opened, and one of them was withheld. */
const agreed = [10, 20, 30, 40, 160];
const sampled: SurvivalResult = {
  ...aml,
  curves: aml.curves.map((curve, g) => ({
    ...curve,
    points: agreed
      .filter((time) => g === 0 || time < 160)
      .map((time) => ({ ...curve.points.findLast((point) => point.time <= time)!, time })),
  })),
  riskTable: {
    times: agreed,
    counts: [
      [10, 7, 5, 3, 1],
      [8, 6, 4, 2, null],
    ],
  },
};

const draws = Array.from({ length: 400 }, (_, i) => Math.sin(i * 12.9898) * 0.5 + 0.5);
const logistic = logisticRegression(
  logisticSummary(
    withIntercept({
      app: draws.map((draw) => Number(draw > 0.5)),
      age: draws.map((_, i) => 40 + (i % 37)),
      'education: tertiary': draws.map((_, i) => Number(i % 3 === 0)),
      'region: abroad, of all who moved there': draws.map((_, i) => Number(i % 97 === 0)),
    }),
    draws.map((draw, i) => Number((draw * 7 + (i % 3) + ((i * 31) % 11)) % 5 < 2)),
  ),
);

export const bins: HistogramResult = histogram({
  edges: [0, 10, 20, 30, 40, 50, 60, 70, 80],
  counts: [24, 113, 287, 341, 222, null, 41, null],
});

const sleep = compareMeans(
  moments([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]),
  moments([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]),
  { names: ['drug 1', 'drug 2'] },
);

const risk = riskMeasures({ exposedCases: 31, exposedOthers: 190, unexposedCases: 54, unexposedOthers: 171 });

const method = (name: string, result: MethodResult): Report => ({
  ...about,
  method: name,
  result: { kind: 'method', result },
});

const strata = ['north', 'south', 'east', 'west', 'abroad'].map((by, i) => ({
  by,
  result: riskMeasures({
    exposedCases: 31 - 4 * i,
    exposedOthers: 190 - 30 * i,
    unexposedCases: i === 4 ? 0 : 54 - 9 * i,
    unexposedOthers: 171 - 12 * i,
  }),
}));
const stratified: MethodResult = {
  method: strata[0]!.result.method,
  n: strata.reduce((sum, { result }) => sum + result.n, 0),
  estimates: strata.flatMap(({ by, result }) => result.estimates.map((of) => ({ ...of, name: `${by}: ${of.name}` }))),
  tests: strata.flatMap(({ result }) => result.tests),
  notes: strata.flatMap(({ by, result }) => result.notes.map((note) => ({ ...note, text: `${by}: ${note.text}` }))),
  strata,
};

/** One report of each kind. */
export const samples: Readonly<Record<string, Report>> = {
  study: { ...about, result: ofStudy },
  survival: method('Kaplan–Meier, log-rank', aml),
  'survival at agreed times': method('Kaplan–Meier, log-rank', sampled),
  logistic: method('logistic regression', logistic),
  histogram: method('histogram', bins),
  means: method('Welch t-test', sleep),
  risk: method('odds ratio, risk ratio, risk difference', risk),
  strata: {
    ...about,
    method: 'odds ratio, risk ratio, risk difference, by region',
    result: { kind: 'method', result: stratified },
  },
};
