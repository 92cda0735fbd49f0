import type { Estimate, SurvivalResult } from '@symbolon/analytics';
import {
  csvFiles,
  json,
  type Plot,
  page,
  plotsOf,
  printEstimate,
  type ReadableTable,
  type Report,
  readableTables,
  summaryOf,
} from '@symbolon/report';
import type { reportFormats, ShownReport } from '../api/study-reports.ts';

/** A report for whoever draws it. */
export function shownReport(report: Report): ShownReport {
  const { title, note, sql, method, date, minPatients, opened, parties, proofs, agreement, result } = report;
  return {
    title,
    note,
    sql,
    method,
    date,
    minPatients,
    summary: summaryOf(report),
    plots: plotsOf(report).map(shownPlot),
    parts: readableTables(report).map((part) => ({ ...part, tables: part.tables.map(shownTable) })),
    notes: result.kind === 'study' ? [] : result.result.notes.map(({ text }) => text),
    opened: [...opened],
    parties: parties.map((party) => ({ ...party, holds: [...party.holds], learned: [...party.learned] })),
    proofs: [{ name: 'agreement', value: agreement.hash }, ...proofs],
  };
}

/** The files of a format. */
export function filesOf(report: Report, format: (typeof reportFormats)[number]): { name: string; text: string }[] {
  if (format === 'csv') return csvFiles(report);
  return format === 'html'
    ? [{ name: 'report.html', text: page(report) }]
    : [{ name: 'result.json', text: json(report) }];
}

function shownTable({ caption, columns, rows, legend }: ReadableTable): ShownReport['parts'][number]['tables'][number] {
  return { caption, columns: [...columns], rows: rows.map((row) => [...row]), legend };
}

function shownPlot(plot: Plot): ShownReport['plots'][number] {
  const { by } = plot;
  switch (plot.kind) {
    case 'bars':
      return { kind: plot.kind, by, title: plot.title, bars: [...plot.bars] };
    case 'forest': {
      const { kind, title, estimates } = plot;
      const ratios = estimates.some(({ scale }) => scale === 'log');
      return { kind, by, title, ratios, level: levelOf(estimates), estimates: estimates.map(shownEstimate) };
    }
    case 'survival':
      return { kind: plot.kind, by, level: plot.level, ...shownCurves(plot.result) };
    case 'histogram':
      return { kind: plot.kind, by, bins: [...plot.result.bins] };
  }
}

function levelOf(estimates: readonly Estimate[]): number {
  return estimates.find(({ interval }) => interval !== null)?.interval?.level ?? 0.95;
}

function shownEstimate(estimate: Estimate) {
  const { name, value, interval, n } = estimate;
  const printed = printEstimate(estimate);
  const text = printed.interval === null ? printed.value : `${printed.value} (${printed.interval})`;
  return { name, value, low: interval?.low ?? null, high: interval?.high ?? null, text: text ?? 'not estimated', n };
}

function shownCurves({ curves, riskTable }: SurvivalResult) {
  const { times, counts } = riskTable;
  return {
    sampled: curves.every(({ points }) => points.every(({ time }) => times.includes(time))),
    curves: curves.map(({ group, points }) => ({
      group,
      points: points.map(({ time, survival, low, high }) => ({ time, survival, low, high })),
    })),
    risk: { times: [...times], counts: counts.map((row) => [...row]) },
  };
}
