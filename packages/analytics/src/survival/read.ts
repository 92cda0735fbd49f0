import { fault } from '@symbolon/crypto';
import type { LogRankSummary } from '../statistics/log-rank.ts';
import type { SurvivalShape } from './counts.ts';
import { timesOf } from './counts.ts';
import { LINES } from './crossings.ts';
import { GONE } from './curves.ts';
import { OPENED } from './open.ts';
import type { Crossing, ReleasedGroup, SurvivalRelease, SurvivalRule } from './release.ts';

/**
 * What `openSurvival` opened.
 *
 * @param bytes words of 64 bits, little-endian
 * @param names of the groups
 * @throws SymbolonError `request-invalid` where they are not of this shape
 */
export function readSurvival(
  bytes: Uint8Array,
  shape: SurvivalShape,
  rule: SurvivalRule,
  names: readonly string[],
): SurvivalRelease {
  const { next, end } = reader(bytes);
  const nodes = rule.at.length + 1;
  const curves = names.map(() => {
    const flags = next(nodes);
    const [patients, events] = [next(nodes), next(nodes)];
    const logs = next(nodes, OPENED.logSurvival);
    const variances = next(nodes, OPENED.variance);
    const whole = flags[0] === 0 ? null : { n: patients[0]!, events: events[0]! };
    const points = rule.at.flatMap((time, j) => {
      const i = j + 1;
      if (flags[i] === 0) return [];
      const logSurvival = logs[i]! < -GONE / 2 ? Number.NEGATIVE_INFINITY : Math.min(0, logs[i]!);
      const variance = Math.max(0, variances[i]!);
      return [{ time, events: events[i]!, atRisk: patients[i]!, logSurvival, variance }];
    });
    return { whole, points };
  });
  const times = timesOf(shape);
  const lines = LINES.map(() => next(names.length));
  const at = (place: number): Crossing => (place === 0 ? 'withheld' : place > times ? 'never' : shape.from + place - 1);
  const groups = curves.map((curve, g): ReleasedGroup => {
    const [half, below, low, high] = lines.map((line) => at(line[g]!)) as [Crossing, Crossing, Crossing, Crossing];
    const rests = typeof half === 'number' && typeof below === 'number';
    return { group: names[g]!, ...curve, median: rests ? (half + below) / 2 : half, low, high };
  });
  const logRank = names.length === 1 ? null : comparison(next, groups);
  end();
  return { groups, logRank };
}

type Next = (count: number, fraction?: number) => number[];

/** The last group follows from the others: expected and observed events have the same total, and rows of the covariance sum to 0. */
function comparison(next: Next, groups: readonly ReleasedGroup[]): LogRankSummary | null {
  const size = groups.length - 1;
  const [shown] = next(1);
  const compared = next(size, OPENED.sums);
  const square = next(size * size, OPENED.sums);
  if (shown === 0) return null;
  const whole = groups.map((group) => group.whole!);
  const observed = whole.map(({ events }) => events);
  const all = observed.reduce((total, count) => total + count, 0);
  // What was rounded apart is one number again.
  const entry = (g: number, h: number): number => (square[g * size + h]! + square[h * size + g]!) / 2;
  const rows = compared.map((_, g) => {
    const row = compared.map((__, h) => entry(g, h));
    return [...row, -row.reduce((total, value) => total + value, 0)];
  });
  const last = rows[0]!.map((_, h) => -rows.reduce((total, row) => total + row[h]!, 0));
  return {
    groups: groups.map(({ group }) => group),
    n: whole.reduce((total, { n }) => total + n, 0),
    observed,
    expected: [...compared, all - compared.reduce((total, value) => total + value, 0)],
    covariance: [...rows, last],
  };
}

/** Words in order, as numbers; at the end all are read. */
function reader(bytes: Uint8Array): { next: Next; end: () => void } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const require = (fits: boolean): void => {
    if (!fits) throw fault('request-invalid', `a released survival does not take ${bytes.length} bytes`);
  };
  return {
    next(count, fraction = 0) {
      require(at + 8 * count <= bytes.length);
      return Array.from({ length: count }, () => {
        const word = view.getBigInt64(at, true);
        at += 8;
        return Number(word) / 2 ** fraction;
      });
    },
    end: () => require(at === bytes.length),
  };
}
