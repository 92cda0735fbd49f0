import type { Estimate } from '@symbolon/analytics';
import { type Markup, markup } from '../markup.ts';
import { none, number, percent, printEstimate } from '../numbers.ts';
import { linear, logarithmic, roundRange, type Scale } from './scale.ts';
import { box, type Chart, fitted, label, line, path, place, width, widthOf } from './svg.ts';

const [head, rowHeight] = [34, 27];

/** Estimates of one kind below each other, with their intervals; ratios on a log scale. */
export function forestChart(title: string, estimates: readonly Estimate[]): Chart {
  const ratios = estimates.some(({ scale }) => scale === 'log');
  const printed = estimates.map((estimate) => {
    const { value, interval } = printEstimate(estimate);
    return value === null ? 'not estimated' : interval === null ? value : `${value} (${interval})`;
  });
  const counts = estimates.map(({ n }) => number(n, 15));
  const nameWidth = Math.min(240, Math.max(80, ...estimates.map(({ name }) => widthOf(name) + 8)));
  const countWidth = Math.max(24, ...counts.map((text) => widthOf(text))) + 12;
  const textWidth = Math.max(...printed.map((text) => widthOf(text))) + 14;
  const [left, right] = [nameWidth + 14, width - countWidth - textWidth - 14];
  const domain = domainOf(estimates, ratios);
  const x = ratios ? logarithmic(domain, [left, right]) : linear(domain, [left, right], 5);
  const bottom = head + estimates.length * rowHeight;
  const level = estimates.find(({ interval }) => interval !== null)?.interval?.level ?? 0.95;
  const neutral = ratios ? 1 : 0;
  return {
    title,
    description: estimates.map(({ name }, i) => `${name}: ${printed[i]}, n = ${counts[i]}`).join('. '),
    height: bottom + 30,
    body: [
      label(width - countWidth, head - 16, `estimate (${percent(level)} CI)`, 'end', 'small quiet'),
      label(width, head - 16, 'n', 'end', 'small quiet'),
      ...axis(x, bottom, left, right),
      ...(neutral > domain[0] && neutral < domain[1]
        ? [line(x(neutral), head - 6, x(neutral), bottom, 'neutral')]
        : []),
      ...estimates.flatMap((estimate, i) => [
        label(0, rowOf(i) + 4, fitted(estimate.name, nameWidth), 'start', ''),
        ...mark(estimate, x, rowOf(i), domain),
        label(
          width - countWidth,
          rowOf(i) + 4,
          printed[i]!,
          'end',
          estimate.value === null ? 'digits quiet' : 'digits',
        ),
        label(width, rowOf(i) + 4, counts[i] ?? none, 'end', 'digits quiet'),
      ]),
    ],
  };
}

function rowOf(i: number): number {
  return head + i * rowHeight + rowHeight / 2;
}

function axis(x: Scale, bottom: number, left: number, right: number): Markup[] {
  return [
    line(left, bottom, right, bottom, 'axis'),
    ...x.ticks.flatMap((tick) => [
      line(x(tick), head - 6, x(tick), bottom, 'grid'),
      line(x(tick), bottom, x(tick), bottom + 5, 'axis'),
      label(x(tick), bottom + 19, number(tick), 'middle', 'small quiet'),
    ]),
  ];
}

/** All estimates and the value of no effect; ends of intervals as far as they leave room to tell the estimates apart. */
function domainOf(estimates: readonly Estimate[], ratios: boolean): [number, number] {
  const neutral = ratios ? 1 : 0;
  const values = estimates.map(({ value }) => value).filter((value) => value !== null);
  const ends = estimates
    .flatMap(({ interval }) => [interval?.low, interval?.high])
    .filter((end) => typeof end === 'number');
  if (!ratios) return roundRange([...values, ...ends, neutral]);
  const above = [...values, ...ends].filter((value) => value > 0);
  const [least, most] = [Math.min(...values.filter((value) => value > 0), 1), Math.max(...values, 1)];
  const [lo, hi] = [Math.max(Math.min(...above, 1), least / 16), Math.min(Math.max(...above, 1), most * 16)];
  return lo === hi ? [0.5, 2] : [lo / 1.15, hi * 1.15];
}

/** A square with its interval; an arrow where that goes beyond the axis, or has no end. */
function mark({ name, value, interval }: Estimate, x: Scale, y: number, [lo, hi]: readonly [number, number]): Markup[] {
  if (value === null || value < lo || value > hi) return [];
  const from = interval === null ? value : Math.max(interval.low ?? lo, lo);
  const to = interval === null ? value : Math.min(interval.high ?? hi, hi);
  const beyond = (end: number | null | undefined, limit: number): boolean =>
    interval !== null && (end === null || end === undefined || end !== limit);
  const end = (at: number, open: boolean, way: 1 | -1): Markup =>
    open
      ? path(
          `M${place(x(at) - 5 * way)} ${place(y - 4)}L${place(x(at))} ${place(y)}L${place(x(at) - 5 * way)} ${place(y + 4)}`,
          'whisker',
        )
      : line(x(at), y - 4, x(at), y + 4, 'whisker');
  const ends =
    interval === null ? [] : [end(from, beyond(interval.low, from), -1), end(to, beyond(interval.high, to), 1)];
  return [
    markup`<g><title>${name}</title>${line(x(from), y, x(to), y, 'whisker')}${ends}${box(x(value) - 4.5, y - 4.5, 9, 9, 'point')}</g>`,
  ];
}
