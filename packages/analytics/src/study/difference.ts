import type { MethodResult } from '../statistics/result.ts';

/**
 * The largest relative difference between two results of one method: of estimates, errors, ends of intervals, statistics and
 * p-values, |x − y| / max(|x|, |y|). What either has as null because it was suppressed is left out, and then how many rows there are; infinite where they differ in what they
 * hold otherwise. Differences below 1e-300 are none.
 */
export function largestRelativeDifference(a: MethodResult, b: MethodResult): number {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  const suppressed = [...a.notes, ...b.notes].some(({ code }) => code === 'suppressed');
  if (suppressed) for (const numbers of [x, y]) numbers.delete('n');
  let largest = 0;
  for (const name of new Set([...x.keys(), ...y.keys()])) {
    const [left, right] = [x.get(name) ?? null, y.get(name) ?? null];
    if (left === null && right === null) continue;
    if (left !== null && right !== null) largest = Math.max(largest, relative(left, right));
    else if (!suppressed) return Number.POSITIVE_INFINITY;
  }
  return largest;
}

function relative(x: number, y: number): number {
  if (Object.is(x, y) || x === y) return 0;
  const size = Math.max(Math.abs(x), Math.abs(y));
  return size < 1e-300 ? 0 : Math.abs(x - y) / size;
}

/** Every number of a result by a name of its own. */
function numbersOf({ n, estimates, tests }: MethodResult): Map<string, number | null> {
  const numbers = new Map<string, number | null>([['n', n]]);
  const add = (of: string, parts: Readonly<Record<string, number | null | undefined>>): void => {
    for (const [part, value] of Object.entries(parts)) numbers.set(`${of}/${part}`, value ?? null);
  };
  for (const { name, value, standardError, interval } of estimates)
    add(name, { value, standardError, low: interval?.low, high: interval?.high });
  for (const { method, statistic, p, df } of tests)
    add(method, { statistic: statistic?.value, p, df: df[0], 'second df': df[1] });
  return numbers;
}
