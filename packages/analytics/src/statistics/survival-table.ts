import { requireAligned, requireCounts, requireFinite, requireThat } from './check.ts';

/** What opens of survival times: for each group and time, how many were still observed and how many had the event. */
export interface SurvivalTable {
  readonly groups: readonly string[];
  /** Ascending: every distinct time, or the ends of agreed intervals. In the unit of the data, such as days. */
  readonly times: readonly number[];
  /** groups × times: observed up to this time or longer. The first entry is the size of the group. */
  readonly atRisk: readonly (readonly number[])[];
  /** groups × times: had the event at this time, or after the time before it. */
  readonly events: readonly (readonly number[])[];
}

/** Follow-up of patients: `event` false where the observation ended without it (censored). */
export interface FollowUp {
  readonly time: readonly number[];
  readonly event: readonly boolean[];
  readonly group: readonly string[];
}

/**
 * @param groups all groups, agreed before; others are not counted
 * @param ends of intervals, to which times are rounded up; by default every distinct time is kept. Later times fall out.
 */
export function survivalTable(
  { time, event, group }: FollowUp,
  groups: readonly string[],
  ends?: readonly number[],
): SurvivalTable {
  requireAligned(time, event, group);
  requireFinite(time, 'times');
  const times = ends ?? [...new Set(time)].sort((a, b) => a - b);
  const atRisk = groups.map(() => times.map(() => 0));
  const events = groups.map(() => times.map(() => 0));
  for (const [i, end] of time.entries()) {
    const g = groups.indexOf(group[i]!);
    const last = times.findIndex((at) => at >= end);
    const until = last === -1 ? times.length - 1 : last;
    if (g === -1) continue;
    for (let j = 0; j <= until; j++) atRisk[g]![j]!++;
    if (event[i] && last !== -1) events[g]![last]!++;
  }
  const table = { groups, times, atRisk, events };
  requireSurvivalTable(table);
  return table;
}

/** Throws `request-invalid` unless the counts can be those of some patients. */
export function requireSurvivalTable({ groups, times, atRisk, events }: SurvivalTable): void {
  requireFinite(times, 'times');
  requireThat(
    times.every((time, i) => i === 0 || time > times[i - 1]!),
    'times must ascend',
  );
  requireThat(groups.length > 0 && times.length > 0, 'survival needs a group and a time');
  for (const counts of [atRisk, events]) {
    requireThat(
      counts.length === groups.length && counts.every((row) => row.length === times.length),
      'survival needs one count for each group and time',
    );
    requireCounts(counts.flat(), 'numbers at risk and of events');
  }
  requireThat(
    atRisk.every((row, g) =>
      row.every((count, i) => events[g]![i]! <= count && (row[i + 1] ?? 0) <= count - events[g]![i]!),
    ),
    'who had the event is no longer at risk',
  );
}
