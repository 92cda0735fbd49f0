import type { Interval } from './interval.ts';

const milliseconds = 86_400_000;

/** Days since 1970-01-01 of a date YYYY-MM-DD; undefined where there is no such day. */
export function daysOf(text: string): bigint | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) return undefined;
  return BigInt(time / milliseconds);
}

/** The date YYYY-MM-DD of days since 1970-01-01; years 0 to 9999. */
export function dateOf(days: bigint): string {
  return new Date(Number(days) * milliseconds).toISOString().slice(0, 10);
}

const ranges: Readonly<Record<string, Interval>> = {
  quarter: [1n, 4n],
  month: [1n, 12n],
  week: [1n, 53n],
  day: [1n, 31n],
  dayofmonth: [1n, 31n],
  dayofweek: [0n, 6n],
  dayofyear: [1n, 366n],
  dow: [0n, 6n],
  doy: [1n, 366n],
};

/** Parts of a date that `date_part` takes. */
export const dateParts: readonly string[] = ['year', ...Object.keys(ranges)];

/** Those that are functions, too. */
export const dateFunctions: readonly string[] = dateParts.filter((part) => part !== 'dow' && part !== 'doy');

/** Values of a part over dates of this range, in days. */
export function partRange(part: string, [first, last]: Interval): Interval {
  return part === 'year' ? [yearOf(first), yearOf(last)] : ranges[part]!;
}

function yearOf(days: bigint): bigint {
  return BigInt(new Date(Number(days) * milliseconds).getUTCFullYear());
}
