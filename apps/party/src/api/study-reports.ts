import { contract } from '@symbolon/service';
import { z } from 'zod';
import { ofRun, said } from './shapes.ts';

const value = z.number().nullable();
const by = z.string().nullable().describe('The stratum that it is of');

const plot = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('bars'),
      by,
      title: z.string(),
      bars: z.array(
        z.strictObject({ name: z.string(), value, text: z.string().describe('As printed'), suppressed: z.boolean() }),
      ),
    }),
    z.strictObject({
      kind: z.literal('forest'),
      by,
      title: z.string(),
      ratios: z.boolean().describe('On a log scale; no effect is 1, else 0'),
      level: z.number().describe('Of the intervals'),
      estimates: z.array(
        z.strictObject({ name: z.string(), value, low: value, high: value, text: z.string(), n: z.number() }),
      ),
    }),
    z.strictObject({
      kind: z.literal('survival'),
      by,
      level: z.number(),
      sampled: z.boolean().describe('Points are at agreed times; where in between a curve falls is not known'),
      curves: z.array(
        z.strictObject({
          group: z.string(),
          points: z.array(z.strictObject({ time: z.number(), survival: z.number(), low: value, high: value })),
        }),
      ),
      risk: z.strictObject({
        times: z.array(z.number()),
        counts: z.array(z.array(value)).describe('By group and time: observed longer; null: suppressed'),
      }),
    }),
    z.strictObject({
      kind: z.literal('histogram'),
      by,
      bins: z.array(z.strictObject({ from: z.number(), to: z.number(), count: value })),
    }),
  ])
  .meta({ id: 'ReportPlot' });

const table = z
  .strictObject({
    caption: z.string(),
    columns: z.array(z.strictObject({ name: z.string(), numeric: z.boolean() })),
    rows: z.array(z.array(z.string().nullable())).describe('As printed; null: suppressed'),
    legend: z.string().nullable(),
  })
  .meta({ id: 'ReportTable' });

const report = z
  .strictObject({
    title: z.string(),
    note: z.string().nullable(),
    sql: z.string(),
    method: z.string().nullable(),
    date: z.string().describe('When the run ended'),
    minPatients: z.int(),
    summary: z.string().describe('What came out, in a few plain sentences'),
    plots: z.array(plot),
    parts: z
      .array(z.strictObject({ by, tables: z.array(table), fit: z.string().nullable() }))
      .describe('The tables, by stratum'),
    notes: z.array(z.string()).describe('To know before one relies on it'),
    opened: z.array(said),
    parties: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        holds: z.array(z.string()),
        receives: z.boolean(),
        learned: z.array(z.string()),
      }),
    ),
    proofs: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  })
  .meta({ id: 'StudyReport' });

/** {@link report}, as it is answered. */
export type ShownReport = z.input<typeof report>;

export const reportFormats = ['html', 'csv', 'json'] as const;

export const getStudyReport = contract({
  name: 'getStudyReport',
  summary: 'What a run released to this organisation, as tables and plots for people',
  action: 'study.result',
  method: 'GET',
  path: '/v1/study-runs/:run/report',
  params: ofRun,
  answer: report,
  errors: ['not-found', 'unapproved'],
});

export const exportStudyReport = contract({
  name: 'exportStudyReport',
  summary: 'The same as files: a page that loads nothing, CSV of each table, or JSON',
  action: 'study.result',
  method: 'GET',
  path: '/v1/study-runs/:run/report/files',
  params: ofRun,
  query: z.strictObject({ format: z.enum(reportFormats) }),
  answer: z.strictObject({ files: z.array(z.strictObject({ name: z.string(), text: z.string() })) }),
  errors: ['not-found', 'unapproved'],
});

export const studyReportContracts = [getStudyReport, exportStudyReport];
