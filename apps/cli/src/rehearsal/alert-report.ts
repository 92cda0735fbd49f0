import { counted, facts, number } from '../ui.ts';
import { type AlertDifference, type ClearAlerts, compareAlerts } from './alert-clear.ts';
import type { EventFile } from './alert-events.ts';
import type { Arrived } from './alert-rehearsal.ts';
import type { Answers } from './alert-source.ts';

/** What a rehearsal of alerts found. Its fields and their order are those of the command's JSON. */
export interface AlertReport extends AlertDifference {
  readonly job: 'alerts';
  /** In the file; that cannot be read, and went into the quarantine. */
  readonly events: number;
  readonly unreadable: number;
  /** Of patients that the link found; of these, in a class of the agreement; withheld as nobody knows whether the patient is under age. */
  readonly linked: number;
  readonly inClass: number;
  readonly ageUnknown: number;
  readonly expected: number;
  readonly arrived: number;
  /** Whether exactly the alerts arrived that both files in the clear give, each once. */
  readonly equalsClear: boolean;
  readonly auditVerified: boolean;
  /** From the first event that was sent to the last that was answered. */
  readonly seconds: number;
  /** From the decision at the sender to the receiver's inbox; null where nothing arrived. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
}

/** What came of telling all events of a file. */
export function alertReport(params: {
  file: EventFile;
  answers: Answers;
  clear: ClearAlerts;
  arrived: readonly Arrived[];
  auditVerified: boolean;
  seconds: number;
}): AlertReport {
  const { file, answers, clear, arrived, auditVerified, seconds } = params;
  const difference = compareAlerts(
    clear.expected,
    arrived.map(({ event, members, time }) => ({ event, members, time })),
  );
  const unreadable = file.told.filter((events) => events === undefined).length;
  const same = Object.values(difference).every((count) => count === 0);
  return {
    job: 'alerts',
    events: file.told.flatMap((events) => events ?? []).length,
    unreadable,
    linked: clear.linked,
    inClass: clear.inClass,
    ageUnknown: clear.ageUnknown,
    expected: clear.expected.length,
    arrived: arrived.length,
    ...difference,
    equalsClear: same && answers.refused === unreadable,
    auditVerified,
    seconds: Math.round(seconds * 1000) / 1000,
    latencyMs: latencyOf(arrived.map(({ milliseconds }) => milliseconds)),
  };
}

function latencyOf(milliseconds: readonly number[]): AlertReport['latencyMs'] {
  if (milliseconds.length === 0) return null;
  const ascending = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

/** {@link AlertReport} for people. */
export function alertReportText(report: AlertReport): string {
  const { events, unreadable, linked, inClass, ageUnknown, expected, arrived, missing, twice, others, latencyMs } =
    report;
  const rows: [string, string][] = [
    [
      'events',
      `${number(events)}${unreadable === 0 ? '' : `, and ${counted(unreadable, 'message')} that nobody can read`}`,
    ],
    ['of linked patients', `${number(linked)}, of which ${number(inClass)} are told by their class`],
    ...(ageUnknown === 0
      ? []
      : [
          ['withheld', `${counted(ageUnknown, 'event')}: nobody knows whether the patient is under age`] as [
            string,
            string,
          ],
        ]),
    ['arrived', `${number(arrived)} of ${counted(expected, 'alert')}`],
    [
      'in the clear',
      report.equalsClear
        ? 'equal: these alerts, each once, and no others'
        : `DIFFERENT: ${number(missing)} missing, ${number(twice)} twice, ${number(others)} that had not to come`,
    ],
    ['answered', `in ${report.seconds.toFixed(1)} s`],
  ];
  if (latencyMs !== null)
    rows.push(['to the inbox', `${latencyMs.p50} ms in the middle, 99 of 100 within ${latencyMs.p99} ms`]);
  rows.push(['logs', report.auditVerified ? 'verified, entry by entry, at all three' : 'NOT VERIFIED']);
  return facts(rows);
}
