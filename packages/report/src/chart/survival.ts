import type { SurvivalCurve, SurvivalResult } from '@symbolon/analytics';
import { type Markup, markup } from '../markup.ts';
import { number, percent } from '../numbers.ts';
import { linear, roundTicks, type Scale } from './scale.ts';
import { box, type Chart, fitted, label, line, path, place, width, widthOf } from './svg.ts';

const [top, plotHeight, rowHeight] = [14, 300, 20];
/** Groups that can be told apart in one chart. */
export const looks = 6;

/**
 * Kaplan–Meier curves with their confidence bands, and how many are at risk below them. Curves of which only agreed times opened are lines through
 * marks: where in between they fall is not known.
 */
export function survivalChart({ curves, riskTable, estimates }: SurvivalResult, level: number): Chart {
  const last = Math.max(...curves.flatMap(({ points }) => points.map(({ time }) => time)), ...riskTable.times, 0) || 1;
  const given = riskTable.times.filter((time) => time >= 0);
  const wanted = given.length > 1 ? given : roundTicks(0, last, 7);
  const end = Math.max(last, wanted.at(-1)!);
  const left = Math.min(200, Math.max(64, ...curves.map(({ group }) => widthOf(group, 12) + 62)));
  const across = linear([0, end], [left, width - 24]);
  const ticks = apart(wanted, across);
  const x = Object.assign(across, { ticks });
  const y = linear([0, 1], [top + plotHeight, top], 5);
  const sampled = atTimesOnly(curves, riskTable.times);
  const join = sampled ? straight : step;
  const plot = [
    ...frame(x, y, left),
    ...curves.map(({ points }, g) => path(band(points, join, x, y), `band c${g}`)),
    ...curves.map(({ points }, g) => path(curve(points, join, x, y), `curve c${g}`)),
    ...(sampled
      ? curves.flatMap(({ points }, g) =>
          points.map((point) => mark(x(point.time), y(point.survival), points.length, g)),
        )
      : []),
  ];
  const tableTop = top + plotHeight + 74;
  const bottom = tableTop + curves.length * rowHeight;
  return {
    title: 'Share without the event over time',
    description: describe(curves, estimates),
    height: bottom + 30,
    body: [
      ...plot,
      label(12, tableTop - 16, 'Number at risk', 'start', 'strong small'),
      ...curves.flatMap((curve, g) => riskRow(curve, g, ticks, x, tableTop + g * rowHeight, riskTable)),
      box(left, bottom + 4, 26, 10, 'band c0 sample'),
      label(
        left + 34,
        bottom + 13,
        `${percent(level)} confidence band of each curve${sampled ? '; known at the marked times' : ''}`,
        'start',
        'small quiet',
      ),
    ],
  };
}

function describe(curves: readonly SurvivalCurve[], medians: SurvivalResult['estimates']): string {
  return curves
    .map(({ group, n, events, points }, g) => {
      const final = points.at(-1);
      const median = medians[g]?.value;
      return [
        `${group}: ${number(n, 15)} observed, ${number(events, 15)} with the event`,
        median === null || median === undefined ? 'median not known' : `median ${number(median)}`,
        final === undefined ? '' : `share without the event at ${number(final.time)}: ${number(final.survival, 3)}`,
      ]
        .filter(Boolean)
        .join(', ');
    })
    .join('. ');
}

function frame(x: Scale, y: Scale, left: number): Markup[] {
  const bottom = top + plotHeight;
  return [
    ...y.ticks.flatMap((tick) => [
      line(left, y(tick), width - 24, y(tick), tick === 0 ? 'axis' : 'grid'),
      label(left - 10, y(tick) + 4, percent(tick), 'end', 'small quiet'),
    ]),
    ...x.ticks.flatMap((tick) => [
      line(x(tick), bottom, x(tick), bottom + 5, 'axis'),
      label(x(tick), bottom + 20, number(tick), 'middle', 'small quiet'),
    ]),
    label((left + width - 24) / 2, bottom + 38, 'time', 'middle', 'small quiet'),
  ];
}

type Points = SurvivalCurve['points'];

/** Whether points are at agreed times, not wherever somebody had the event. */
function atTimesOnly(curves: readonly SurvivalCurve[], times: readonly number[]): boolean {
  return curves.every(({ points }) => points.every(({ time }) => times.includes(time)));
}

/** From a place to the next, to the right or to the left. */
type Join = (x: string, y: string, way: 'on' | 'back') => string;

const step: Join = (x, y, way) => (way === 'on' ? `H${x}V${y}` : `V${y}H${x}`);
const straight: Join = (x, y) => `L${x} ${y}`;

function curve(points: Points, join: Join, x: Scale, y: Scale): string {
  const turns = points
    .filter(({ events }) => events > 0 || join === straight)
    .map(({ time, survival }) => join(place(x(time)), place(y(survival)), 'on'));
  const end = points.at(-1);
  return `M${place(x(0))} ${place(y(1))}${turns.join('')}${end === undefined || join === straight ? '' : `H${place(x(end.time))}`}`;
}

/** Along the upper limit, and back along the lower one; up to where there are none. */
function band(points: Points, join: Join, x: Scale, y: Scale): string {
  const ends = points.findIndex(({ low, high }) => low === null || high === null);
  const known = ends === -1 ? points : points.slice(0, ends);
  if (known.length === 0) return 'M0 0';
  const stop = join === step ? place(x((points[ends] ?? known.at(-1)!).time)) : place(x(known.at(-1)!.time));
  const upper = known.map(({ time, high }) => join(place(x(time)), place(y(high!)), 'on'));
  const lower = known.toReversed().map(({ time, low }) => join(place(x(time)), place(y(low!)), 'back'));
  const start = `${place(x(0))} ${place(y(1))}`;
  return `M${start}${upper.join('')}H${stop}${lower.join('')}${join === step ? `V${place(y(1))}` : `L${start}`}Z`;
}

/** Smaller where there are many. */
function mark(x: number, y: number, of: number, g: number): Markup {
  return markup`<circle cx="${place(x)}" cy="${place(y)}" r="${of > 40 ? 1.5 : 3}" class="mark c${g}"/>`;
}

function riskRow(
  curve: SurvivalCurve,
  g: number,
  ticks: readonly number[],
  x: Scale,
  at: number,
  table: SurvivalResult['riskTable'],
): Markup[] {
  const given = (time: number): number | null | undefined => table.counts[g]?.[table.times.indexOf(time)];
  return [
    line(12, at + 6, 30, at + 6, `curve c${g}`),
    label(36, at + 10, fitted(curve.group, x(0) - 60, 12), 'start', 'small'),
    ...ticks.map((tick) =>
      label(x(tick), at + 10, riskLabel(given(tick), curve.points, tick), 'middle', 'small digits'),
    ),
  ];
}

/** A count that is withheld shows as a dash. */
function riskLabel(given: number | null | undefined, points: Points, time: number): string {
  return given === null ? '–' : number(given ?? atRisk(points, time), 15);
}

/** Observed up to this time or longer. */
function atRisk(points: Points, time: number): number {
  return points.find((point) => point.time >= time)?.atRisk ?? 0;
}

/** Those of ascending times whose numbers do not stand in each other's way. */
function apart(times: readonly number[], x: Scale): number[] {
  const kept: number[] = [];
  for (const time of times) if (kept.length === 0 || x(time) - x(kept.at(-1)!) >= 40) kept.push(time);
  return kept;
}
