import type { MethodResult } from '../statistics/result.ts';

/** p-values below this all say the same. */
const leastP = 1e-4;

/**
 * The largest relative difference between two results of one method: of estimates, errors, ends of intervals and statistics, |x − y| / max(|x|, |y|);
 * an estimate and its interval count as no smaller than their standard error, as a value near 0 has no digits of its own; p-values as no smaller than 0.0001.
 * What either has as null because it was suppressed is left out, and then how many rows there are; infinite where they differ in what they
 * hold otherwise. Differences below 1e-300 are none.
 */
export function largestRelativeDifference(a: MethodResult, b: MethodResult): number {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  const suppressed = [...a.notes, ...b.notes].some(({ code }) => code === 'suppressed');
  if (suppressed) for (const numbers of [x, y]) numbers.delete('n');
  let largest = 0;
  for (const name of new Set([...x.keys(), ...y.keys()])) {
    const [left, right] = [x.get(name), y.get(name)].map((number) => number ?? nothing) as [Compared, Compared];
    if (left.value === null && right.value === null) continue;
    if (left.value !== null && right.value !== null)
      largest = Math.max(largest, relative(left.value, right.value, left.least));
    else if (!suppressed) return Number.POSITIVE_INFINITY;
  }
  return largest;
}

function relative(x: number, y: number, least: number): number {
  if (Object.is(x, y) || x === y) return 0;
  const size = Math.max(Math.abs(x), Math.abs(y), least);
  return size < 1e-300 ? 0 : Math.abs(x - y) / size;
}

/** A number of a result, and the least that a difference is held against. */
interface Compared {
  readonly value: number | null;
  readonly least: number;
}

const nothing: Compared = { value: null, least: 0 };

/** Every number of a result by a name of its own. */
function numbersOf({ n, estimates, tests }: MethodResult): Map<string, Compared> {
  const numbers = new Map<string, Compared>([['n', { value: n, least: 0 }]]);
  const add = (of: string, parts: Readonly<Record<string, number | null | undefined>>, least = 0): void => {
    for (const [part, value] of Object.entries(parts)) numbers.set(`${of}/${part}`, { value: value ?? null, least });
  };
  for (const { name, value, scale, standardError, interval } of estimates) {
    add(name, { standardError });
    // On the log scale values are ratios, which have digits of their own.
    const least = scale === 'log' ? 0 : (standardError ?? 0);
    add(name, { value, low: interval?.low, high: interval?.high }, least);
  }
  for (const { method, statistic, p, df } of tests) {
    add(method, { statistic: statistic?.value, df: df[0], 'second df': df[1] });
    add(method, { p }, leastP);
  }
  return numbers;
}
