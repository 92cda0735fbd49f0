import type { PlanBuilder, Wire } from '@symbolon/engine';
import { HALF_SLACK } from './clear.ts';
import { type Curves, GONE, LOG_FRACTION, VARIANCE_FRACTION } from './curves.ts';
import { areEnough } from './enough.ts';
import type { SurvivalRule } from './release.ts';
import { type GroupRows, runningSum } from './rows.ts';

/** Lines of a curve that come to one half: S itself, S below it for good, and the ends of its interval. */
export const LINES = ['half', 'below', 'low', 'high'] as const;

/** Fraction bits of ln S where it is squared, and of the variance there. */
const SQUARED = 22;
const ROUGH = 34;

/**
 * Where each line first comes to one half: LINES × groups words, the place of the time from 1 on, one more than the number of times where it never
 * does, 0 where it is withheld. A place opens only with k patients of every party on either side: with the event until then, and at risk after it (PROTOCOLS
 * §5, quantiles). Some 14 rounds.
 *
 * @param parties the groups of each party whose rows they are of
 * @param whole words 0 and 1, by group: whether it opens at all
 * @param z how many standard errors the interval of ln S reaches to either side
 */
export function crossings(
  b: PlanBuilder,
  {
    curves,
    parties,
    whole,
    rule,
    z,
  }: {
    readonly curves: Curves;
    readonly parties: readonly (readonly GroupRows[])[];
    readonly whole: Wire;
    readonly rule: SurvivalRule;
    readonly z: number;
  },
): Wire {
  const groups = [...parties[0]!.keys()];
  const times = b.type(parties[0]![0]!.events).size;
  const passed = runningSum(b, atHalf(b, curves, z), times, [0n, BigInt(times)]);
  const waiting = b.toRing(b.isZero(passed), 64);
  const places = LINES.flatMap(() => groups).map((group, i) => {
    const before = b.slice(waiting, i * times, times);
    return { group, before, place: b.linear([[1n, b.sum(before)]], 1n, [1n, BigInt(times) + 1n]) };
  });
  const place = b.concat(places.map((line) => line.place));
  const shown = b.tile(whole, LINES.length);
  if (rule.minimum <= 1) return b.multiply(place, shown);

  // A curve that rests at one half has its median in the middle: where it goes on is told by where it came there.
  const tested = places.filter((_, i) => LINES[Math.floor(i / groups.length)] !== 'below');
  const firsts = tested.map(({ group, before }) => ({ group, first: crossing(b, before) }));
  const enough = (side: (own: GroupRows) => Wire): Wire =>
    areEnough(
      b,
      parties.map((own) => b.concat(firsts.map(({ group, first }) => b.dot(first, side(own[group]!))))),
      rule,
    );
  const withheld = b.not(
    b.and(
      enough(({ eventsSoFar }) => eventsSoFar),
      enough((own) => remaining(b, own)),
    ),
  );
  // Where a line never crosses, nobody stands on a side of it.
  const reached = b.linear([[-1n, b.concat(tested.map(({ before }) => b.slice(before, times - 1, 1)))]], 1n);
  const each = b.bitDot([withheld], [reached]);
  const hidden = b.concat([b.slice(each, 0, groups.length), each]);
  return b.products([[{ factors: [place, shown] }, { coefficient: -1n, factors: [place, shown, hidden] }]])[0]!;
}

/** LINES × groups × times words 0 and 1: is the line at one half or below? */
function atHalf(b: PlanBuilder, { logSurvival, variance }: Curves, z: number): Wire {
  const unit = 2 ** LOG_FRACTION;
  const above = (slack: number): Wire => b.linear([[1n, logSurvival]], BigInt(Math.round((Math.LN2 + slack) * unit)));
  const [half, below] = [above(-HALF_SLACK), above(HALF_SLACK)].map((x) => b.lessThanZero(x)) as [Wire, Wire];
  const gone = b.lessThanZero(b.linear([[1n, logSurvival]], BigInt((GONE * unit) / 2)));
  // (ln 2S)² < z²·Var: one half lies inside the interval.
  const excess = b.truncate(above(0), LOG_FRACTION - SQUARED);
  const rough = b.truncate(variance, VARIANCE_FRACTION - ROUGH);
  const weight = BigInt(Math.round(z * z * 2 ** (2 * SQUARED - ROUGH)));
  const inside = b.lessThanZero(
    b.linear([
      [1n, b.multiply(excess, excess)],
      [-weight, rough],
    ]),
  );
  const [low, high] = b.products([
    [{ factors: [b.not(gone), half] }, { factors: [b.not(gone), b.not(half), inside] }],
    [{ factors: [b.not(gone), half, b.not(inside)] }],
  ]) as [Wire, Wire];
  const lines = [half, below, low, high].map((line) => b.toRing(line, 64));
  return b.concat(lines);
}

/** From 1 while a line waits and 0 ever after: 1 where it crosses, if it does. */
function crossing(b: PlanBuilder, before: Wire): Wire {
  const size = b.type(before).size;
  const one = b.linear([[0n, b.slice(before, 0, 1)]], 1n);
  const shifted = size === 1 ? one : b.concat([one, b.slice(before, 0, size - 1)]);
  return b.linear(
    [
      [1n, shifted],
      [-1n, before],
    ],
    0n,
    [0n, 1n],
  );
}

/** Who is observed longer than the time, or until it without the event. */
export function remaining(b: PlanBuilder, { atRisk, events }: GroupRows): Wire {
  return b.subtract(atRisk, events);
}
