import type { SurvivalCurve, SurvivalResult } from '@symbolon/analytics';
import type { Markup } from '../markup.ts';
import { number, percent } from '../numbers.ts';
import { linear, roundTicks, type Scale } from './scale.ts';
import { box, type Chart, fitted, label, line, path, place, width, widthOf } from './svg.ts';

const [top, plotHeight, rowHeight] = [14, 300, 20];
/** Groups that can be told apart in one chart. */
export const looks = 6;

/** Kaplan–Meier curves with their confidence bands, and how many are at risk below them. */
export function survivalChart({ curves, riskTable, estimates }: SurvivalResult, level: number): Chart {
  const last = Math.max(...curves.flatMap(({ points }) => points.map(({ time }) => time)), ...riskTable.times, 0) || 1;
  const given = thinned(riskTable.times.filter((time) => time >= 0));
  const ticks = given.length > 1 ? given : roundTicks(0, last, 7);
  const end = Math.max(last, ticks.at(-1)!);
  const left = Math.min(200, Math.max(64, ...curves.map(({ group }) => widthOf(group, 12) + 62)));
  const x = Object.assign(linear([0, end], [left, width - 24]), { ticks });
  const y = linear([0, 1], [top + plotHeight, top], 5);
  const plot = [
    ...frame(x, y, left),
    ...curves.map(({ points }, g) => path(band(points, x, y), `band c${g}`)),
    ...curves.map(({ points }, g) => path(steps(points, x, y, last), `curve c${g}`)),
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
      label(left + 34, bottom + 13, `${percent(level)} confidence band of each curve`, 'start', 'small quiet'),
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
        median === null || median === undefined ? 'median not reached' : `median ${number(median)}`,
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

/** Where the curve falls: elsewhere observation only ended. */
function falls(points: Points): Points {
  return points.filter(({ events }) => events > 0);
}

function steps(points: Points, x: Scale, y: Scale, last: number): string {
  const turns = falls(points).map(({ time, survival }) => `H${place(x(time))}V${place(y(survival))}`);
  const end = points.length === 0 ? last : points.at(-1)!.time;
  return `M${place(x(0))} ${place(y(1))}${turns.join('')}H${place(x(end))}`;
}

/** Between the upper limit, forwards, and the lower one, backwards; up to where there are none. */
function band(points: Points, x: Scale, y: Scale): string {
  const ends = points.findIndex(({ low, high }) => low === null || high === null);
  const known = ends === -1 ? points : points.slice(0, ends);
  const stop = points[ends]?.time ?? points.at(-1)?.time ?? 0;
  const upper = falls(known).map(({ time, high }) => `H${place(x(time))}V${place(y(high!))}`);
  const lower = falls(known)
    .toReversed()
    .map(
      ({ time, low }, i, all) => `V${place(y(low!))}H${place(x(time))}${i === all.length - 1 ? `V${place(y(1))}` : ''}`,
    );
  return upper.length === 0
    ? 'M0 0'
    : `M${place(x(0))} ${place(y(1))}${upper.join('')}H${place(x(stop))}${lower.join('')}Z`;
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

/** At most nine of them, evenly chosen. */
function thinned(times: readonly number[]): number[] {
  const step = Math.ceil(times.length / 9);
  return times.filter((_, i) => i % step === 0);
}
