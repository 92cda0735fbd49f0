import type { SymbolonError } from '@symbolon/crypto';
import { type OverviewEntry, printEstimate, type Report } from '@symbolon/report';
import { type ClearComparison, clearText } from '../rehearsal/study-clear.ts';
import { covers, type Finding, questions } from './findings.ts';

/** A study of the example that was run. */
export interface PlayedStudy {
  readonly name: string;
  readonly title: string;
  readonly to: readonly string[];
  readonly report: Report;
  readonly clear: ClearComparison;
  readonly findings: readonly Finding[];
  /** From the wish to run it to the stored result. */
  readonly seconds: number;
  /** By all organisations. */
  readonly bytes: number;
  readonly rounds: number;
}

/** A study that could not be run. */
export interface RefusedStudy {
  readonly name: string;
  readonly title: string;
  readonly error: SymbolonError;
}

/** What was found, and what was put into the data: a sentence or two of each. */
export function wordsOf({ name, findings }: PlayedStudy): [found: string, put: string] {
  const { says, put } = questions[name]!;
  const printed = findings.map(({ found }) => {
    const { value, interval } = printEstimate(found);
    return value === null ? '(not shown)' : interval === null ? value : `${value} (${interval})`;
  });
  return [`${says(...printed)}.`, put];
}

export const findingColumns = ['', 'put in', 'found', '95% interval', 'holds it'];

export function findingRows(findings: readonly Finding[]): string[][] {
  return findings.map((finding) => {
    const { value, interval } = printEstimate(finding.found);
    const held = covers(finding);
    return [
      finding.what,
      printEstimate({ ...finding.found, value: finding.put }).value!,
      value ?? 'not shown',
      interval ?? '',
      held === null ? '' : held ? 'yes' : 'no',
    ];
  });
}

export function overviewEntry(study: PlayedStudy): OverviewEntry {
  const { name, title, to, clear, findings } = study;
  return {
    title,
    words: [...wordsOf(study), `For ${to.join(', ')}. The same in the clear: ${clearText(clear)}.`],
    table: { columns: findingColumns, rows: findingRows(findings) },
    href: `${name}/report.html`,
  };
}

/** As the command's JSON has it. */
export function studyJson({ name, to, clear, findings, seconds, bytes, rounds, report }: PlayedStudy) {
  return {
    study: name,
    to,
    ...clear,
    seconds,
    rounds,
    bytes,
    findings: findings.map((finding) => ({
      what: finding.what,
      put: finding.put,
      found: finding.found.value,
      low: finding.found.interval?.low ?? null,
      high: finding.found.interval?.high ?? null,
      covers: covers(finding),
    })),
    result: report.result,
  };
}
