import type { Estimate, LogisticResult, MethodResult, SurvivalResult } from '@symbolon/analytics';
import type { Report } from '@symbolon/report';

type Result = Report['result'];

/** A released mean of a group, with the count and the standard deviation that were released beside it. */
export interface Mean {
  readonly n: number;
  readonly mean: number;
  readonly spread: number;
}

/** Normal distribution, two-sided. */
const critical95 = 1.959963984540054;

/** An estimate of a method, by its name; without a value where the method has none. */
export function estimate(result: Result, name: string): Estimate {
  return methodOf(result)?.estimates.find((one) => one.name === name) ?? nothing(name);
}

export function oddsRatio(result: Result, name: string): Estimate {
  const { oddsRatios = [] } = (methodOf(result) ?? {}) as Partial<LogisticResult>;
  return oddsRatios.find((one) => one.name === name) ?? nothing(name);
}

/** Share without the event in a group, at the last time that opened; null where none did. */
export function lastSurvival(result: Result, group: string): { time: number; found: Estimate } | null {
  const { curves = [] } = (methodOf(result) ?? {}) as Partial<SurvivalResult>;
  const curve = curves.find((one) => one.group === group);
  const point = curve?.points.at(-1);
  if (curve === undefined || point === undefined) return null;
  const { time, survival: value, standardError, low, high } = point;
  const interval = low === null && high === null ? null : { low, high, level: 0.95, method: 'Greenwood' };
  return { time, found: { ...nothing(group), value, standardError, interval, n: curve.n } };
}

/** Of the groups of a SELECT that have these values: those of which everything is shown. The count is the column `patients`. */
export function means(result: Result, keys: Readonly<Record<string, string>>, mean: string, spread: string): Mean[] {
  if (result.kind !== 'study') return [];
  const { columns, rows } = result.result;
  const at = (row: readonly (string | null)[], name: string): string | null => row[columns.indexOf(name)] ?? null;
  return rows
    .filter((row) => Object.entries(keys).every(([name, value]) => at(row, name) === value))
    .map((row) => ['patients', mean, spread].map((name) => at(row, name)))
    .filter((values) => values.every((value) => value !== null))
    .map(([n, m, s]) => ({ n: Number(n), mean: Number(m), spread: Number(s) }));
}

/** The mean of groups together. */
export function pooled(groups: readonly Mean[]): Estimate {
  const n = groups.reduce((sum, one) => sum + one.n, 0);
  if (n === 0) return nothing('mean');
  const value = groups.reduce((sum, one) => sum + one.n * one.mean, 0) / n;
  const variance = groups.reduce((sum, one) => sum + one.n * one.spread ** 2, 0) / n ** 2;
  return normal('mean', value, Math.sqrt(variance), n);
}

/** Of the means of two sets of groups: the first less the second. */
export function difference(first: readonly Mean[], second: readonly Mean[]): Estimate {
  const [one, other] = [pooled(first), pooled(second)];
  if (one.value === null || other.value === null) return nothing('difference');
  const error = Math.hypot(one.standardError!, other.standardError!);
  return normal('difference', one.value - other.value, error, one.n + other.n);
}

function normal(name: string, value: number, standardError: number, n: number): Estimate {
  const width = critical95 * standardError;
  const interval = { low: value - width, high: value + width, level: 0.95, method: 'normal' };
  return { name, value, scale: 'identity', standardError, interval, n, test: null };
}

/** Without a value. */
export function nothing(name: string): Estimate {
  return { name, value: null, scale: 'identity', standardError: null, interval: null, n: 0, test: null };
}

function methodOf(result: Result): MethodResult | undefined {
  return result.kind === 'method' ? result.result : undefined;
}
