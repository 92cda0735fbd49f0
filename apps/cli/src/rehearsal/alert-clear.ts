import type { Alert } from '@symbolon/agreement';
import { type ClinicalEvent, compileAlert } from '@symbolon/alerts';

/** A patient as both files know them: the rows of members, and when they were born. */
export interface ClearPatient {
  readonly members: readonly number[];
  readonly birthDate: string | null;
}

/** An alert that has to arrive. */
export interface ExpectedAlert {
  readonly event: string;
  /** Rows of the members' file, ascending. */
  readonly members: readonly number[];
  /** When it happened, RFC 3339; of one that takes another back, null. */
  readonly time: string | null;
}

/** What has to arrive of events, and how many were of linked patients and in a class. */
export interface ClearAlerts {
  readonly expected: readonly ExpectedAlert[];
  readonly linked: number;
  readonly inClass: number;
  readonly ageUnknown: number;
}

interface Told {
  readonly episode: string;
  readonly className: string;
  readonly time: number;
  takenBack: boolean;
}

/**
 * What an agreement lets a partner know of events, one after the other, by both files in the clear: possible only here, where one person has both. A class once for
 * each stay; what is near in time merged; what was told taken back once.
 */
export function clearAlerts(
  events: readonly ClinicalEvent[],
  patients: ReadonlyMap<string, ClearPatient>,
  alert: Alert,
  now: Date,
): ClearAlerts {
  const rule = compileAlert(alert);
  const toldOf = new Map<string, Told[]>();
  const expected: ExpectedAlert[] = [];
  const seen = new Set<string>();
  const counts = { linked: 0, inClass: 0, ageUnknown: 0 };
  for (const event of events) {
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    const patient = patients.get(event.patient);
    if (patient === undefined || patient.members.length === 0) continue;
    counts.linked += 1;
    const told = toldOf.get(event.patient) ?? [];
    toldOf.set(event.patient, told);
    if (event.cancelled) {
      for (const one of told.filter(({ episode, takenBack }) => episode === event.episode && !takenBack)) {
        one.takenBack = true;
        expected.push({ event: one.className, members: patient.members, time: null });
      }
      continue;
    }
    const decision = rule.decide(event, event.birthDate ?? patient.birthDate, now);
    if (!('tell' in decision)) {
      if (decision.withheld === 'age-unknown') counts.ageUnknown += 1;
      continue;
    }
    counts.inClass += 1;
    const { tell: className } = decision;
    if (isKnown(told, className, event, alert.mergeMinutes)) continue;
    told.push({ episode: event.episode, className, time: event.time, takenBack: false });
    expected.push({ event: className, members: patient.members, time: new Date(event.time).toISOString() });
  }
  return { expected, ...counts };
}

const minute = 60_000;

function isKnown(
  told: readonly Told[],
  className: string,
  { episode, time }: ClinicalEvent,
  mergeMinutes: number,
): boolean {
  const same = told.filter((one) => one.className === className);
  if (same.some((one) => one.episode === episode)) return true;
  return mergeMinutes > 0 && same.some((one) => !one.takenBack && Math.abs(one.time - time) <= mergeMinutes * minute);
}

/** How what arrived differs from what had to. */
export interface AlertDifference {
  readonly missing: number;
  /** Arrived more often than it had to. */
  readonly twice: number;
  /** Had not to arrive at all. */
  readonly others: number;
}

/** Counts each alert on both sides. */
export function compareAlerts(expected: readonly ExpectedAlert[], arrived: readonly ExpectedAlert[]): AlertDifference {
  const counts = new Map<string, { wanted: number; got: number }>();
  const count = (alerts: readonly ExpectedAlert[], side: 'wanted' | 'got'): void => {
    for (const { event, members, time } of alerts) {
      const name = JSON.stringify([event, members, time]);
      const entry = counts.get(name) ?? { wanted: 0, got: 0 };
      entry[side] += 1;
      counts.set(name, entry);
    }
  };
  count(expected, 'wanted');
  count(arrived, 'got');
  const difference = { missing: 0, twice: 0, others: 0 };
  for (const { wanted, got } of counts.values()) {
    difference.missing += Math.max(0, wanted - got);
    if (wanted > 0) difference.twice += Math.max(0, got - wanted);
    else difference.others += got;
  }
  return difference;
}
