import type { Report } from '@symbolon/report';
import { reportText } from '../study/report-text.ts';
import { bytes, facts, number, table } from '../ui.ts';
import type { Usage } from './role-process.ts';
import { type ClearComparison, clearText } from './study-clear.ts';
import { keysId, type RehearsedRun, type StudyRehearsal } from './study-rehearsal.ts';

/** What a rehearsal of a study found. Its fields and their order are those of the command's JSON. */
export interface StudyRehearsalReport {
  readonly job: 'study';
  readonly study: string;
  /** Rows by party and data set. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Against the study in the clear; null where that was not asked for. */
  readonly equalsClear: boolean | null;
  readonly largestRelativeDifference: number | null;
  /** From the wish to run it to the stored result. */
  readonly seconds: number;
  /** Of those, from the opened lines to the opened result. */
  readonly protocolSeconds: number;
  readonly phaseSeconds: Readonly<Record<string, number>>;
  /** Sent by each role in the run. */
  readonly bytes: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly sessions: number;
  /** Of joins by a rule: records of each party of which the cap of blocking cut something, by the alias of the spoke. Each knows its own only. */
  readonly cut: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly auditVerified: boolean;
  readonly secondsTotal: number;
  readonly processes: Readonly<Record<string, Usage>>;
  readonly result: Report['result'];
}

export function studyReport(found: {
  readonly rehearsal: StudyRehearsal;
  readonly run: RehearsedRun;
  readonly report: Report;
  readonly clear: ClearComparison | undefined;
  readonly auditVerified: boolean;
  readonly usage: Partial<Record<string, Usage>>;
  readonly secondsTotal: number;
}): StudyRehearsalReport {
  const { rehearsal, run, report, clear, auditVerified, usage, secondsTotal } = found;
  const rows: Record<string, Record<string, number>> = {};
  for (const { party, dataset, info } of rehearsal.data) rows[party] = { ...rows[party], [dataset]: info.rows };
  const runs = [...run.runs];
  const { seconds, protocolSeconds, phaseSeconds, rounds, sessions } = runs[0]![1].details!;
  const answerKey = runs.reduce((sum, [, { details }]) => sum + details!.bytes.answerKey, 0);
  return {
    job: 'study',
    study: run.study,
    rows,
    equalsClear: clear?.equalsClear ?? null,
    largestRelativeDifference: clear?.largestRelativeDifference ?? null,
    seconds,
    protocolSeconds,
    phaseSeconds,
    bytes: { ...Object.fromEntries(runs.map(([id, { details }]) => [id, details!.bytes.sent])), [keysId]: answerKey },
    rounds,
    sessions,
    cut: Object.fromEntries(runs.map(([id, { details }]) => [id, details!.cut ?? {}])),
    auditVerified,
    secondsTotal: Math.round(secondsTotal * 1000) / 1000,
    processes: usage as Record<string, Usage>,
    result: report.result,
  };
}

export function studyReportText(found: StudyRehearsalReport, report: Report): string {
  const { equalsClear, largestRelativeDifference: difference, rounds, sessions, auditVerified } = found;
  const cut = Object.entries(found.cut).flatMap(([id, joins]) =>
    Object.entries(joins).map(([spoke, records]) => `${number(records)} of ${id} (joining ${spoke})`),
  );
  const isCut = Object.values(found.cut).some((joins) => Object.values(joins).some((records) => records > 0));
  const because = equalsClear === false && isCut ? '; the clear run cuts no rows, so compare with a larger cap' : '';
  const numbers: [string, string][] = [
    ...(equalsClear === null || difference === null
      ? []
      : [
          ['clear run', `${clearText({ equalsClear, largestRelativeDifference: difference })}${because}`] as [
            string,
            string,
          ],
        ]),
    ['run', `${found.seconds.toFixed(1)} s, of which the protocol ${found.protocolSeconds.toFixed(1)} s`],
    ...(cut.length === 0
      ? []
      : [
          ['cut', `rows left out under one key or more, where too many share its value: ${cut.join(', ')}`] as [
            string,
            string,
          ],
        ]),
    ['sessions', `${number(sessions)}, of ${number(rounds)} rounds in all`],
    ['logs', auditVerified ? 'verified, entry by entry, at all' : 'NOT VERIFIED'],
  ];
  const roles = Object.entries(found.bytes).map(([role, count]) => {
    const used = found.processes[role];
    const peak = used === undefined ? '–' : bytes(used.peakBytes);
    return [role, bytes(count), peak, used === undefined ? '–' : `${used.cpuSeconds.toFixed(1)} s`];
  });
  return [reportText(report), facts(numbers), table(['role', 'sent', 'peak memory', 'cpu time'], roles)].join('\n\n');
}
