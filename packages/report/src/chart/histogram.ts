import type { HistogramResult } from '@symbolon/analytics';
import { exact, number } from '../numbers.ts';
import { linear, roundRange, roundTicks } from './scale.ts';
import { box, type Chart, hatched, label, line, width, widthOf } from './svg.ts';

const [top, plotHeight, left, right] = [24, 240, 64, width - 12];

/** Counts by bin. Bins of different widths are as high as their count for each unit, so that areas are counts. */
export function histogramChart({ bins }: HistogramResult, id: string): Chart {
  const widths = bins.map(({ from, to }) => to - from);
  const equal = widths.every((each) => Math.abs(each - widths[0]!) <= 1e-9 * Math.abs(widths[0]!));
  const heightOf = (count: number, i: number): number => (equal ? count : count / widths[i]!);
  const shown = bins.map(({ count }, i) => (count === null ? 0 : heightOf(count, i)));
  const x = linear([bins[0]!.from, bins.at(-1)!.to], [left, right]);
  const y = linear([0, roundRange([0, ...shown], 5)[1]], [top + plotHeight, top], 5);
  const bottom = top + plotHeight;
  const edges = [...bins.map(({ from }) => from), bins.at(-1)!.to];
  const ticks = edges.length <= 12 ? edges : roundTicks(edges[0]!, edges.at(-1)!, 8);
  const suppressed = bins.filter(({ count }) => count === null);
  return {
    title: equal ? 'Number of values by size' : 'Values for each unit, by size',
    description: bins
      .map(
        ({ from, to, count }) =>
          `${number(from)} to ${number(to)}: ${count === null ? 'suppressed' : number(count, 15)}`,
      )
      .join('. '),
    height: bottom + (suppressed.length > 0 ? 52 : 30),
    body: [
      ...y.ticks.flatMap((tick) => [
        line(left, y(tick), right, y(tick), tick === 0 ? 'axis' : 'grid'),
        label(left - 10, y(tick) + 4, number(tick), 'end', 'small quiet'),
      ]),
      ...bins.flatMap(({ from, to, count }, i) => {
        const [start, size] = [x(from) + 0.5, x(to) - x(from) - 1];
        const name = `${number(from)} to ${number(to)}: ${count === null ? 'suppressed' : exact(String(count))}`;
        if (count === null) return [hatched(start, top, size, plotHeight, id, name)];
        const value = exact(String(count));
        return [
          box(start, y(shown[i]!), size, bottom - y(shown[i]!), 'bar', name),
          ...(widthOf(value, 12) <= size - 2
            ? [label(start + size / 2, y(shown[i]!) - 5, value, 'middle', 'small digits')]
            : []),
        ];
      }),
      line(left, bottom, right, bottom, 'axis'),
      ...ticks.map((tick) => label(x(tick), bottom + 20, number(tick), 'middle', 'small quiet')),
      ...(suppressed.length === 0 ? [] : key(left, bottom + 36, id)),
    ],
  };
}

/** What hatched areas mean. */
export function key(x: number, y: number, id: string) {
  return [
    hatched(x, y, 22, 12, id, 'suppressed'),
    label(
      x + 30,
      y + 10,
      'suppressed: too few patients stand behind it, so its value never opened',
      'start',
      'small quiet',
    ),
  ];
}
