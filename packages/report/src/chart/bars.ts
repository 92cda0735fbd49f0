import { number } from '../numbers.ts';
import { key } from './histogram.ts';
import { linear, roundRange } from './scale.ts';
import { box, type Chart, fitted, hatched, label, line, width, widthOf } from './svg.ts';

export interface Bar {
  readonly name: string;
  /** null: suppressed, or NULL. */
  readonly value: number | null;
  /** As it is printed beside the bar. */
  readonly text: string;
  readonly suppressed: boolean;
}

const [top, rowHeight] = [6, 26];

/** One bar a cell, to the right of 0 or to its left; suppressed ones hatched over the whole width, as their length is not known. */
export function barChart(title: string, bars: readonly Bar[], id: string): Chart {
  const nameWidth = Math.min(260, Math.max(60, ...bars.map(({ name }) => widthOf(name) + 8)));
  const textWidth = Math.max(...bars.map(({ text }) => widthOf(text))) + 12;
  const values = bars.flatMap(({ value }) => (value === null ? [] : [value]));
  const negative = values.some((value) => value < 0);
  const [left, right] = [nameWidth + 14 + (negative ? textWidth : 0), width - textWidth];
  const x = linear(roundRange([0, ...values], 5), [left, right], 5);
  const bottom = top + bars.length * rowHeight;
  const suppressed = bars.some((bar) => bar.suppressed);
  return {
    title,
    description: bars.map(({ name, text }) => `${name}: ${text}`).join('. '),
    height: bottom + (suppressed ? 50 : 28),
    body: [
      ...x.ticks.flatMap((tick) => [
        line(x(tick), top, x(tick), bottom, 'grid'),
        label(x(tick), bottom + 18, number(tick), 'middle', 'small quiet'),
      ]),
      ...bars.flatMap(({ name, value, text, suppressed }, i) => {
        const y = top + i * rowHeight;
        const middle = y + rowHeight / 2 + 4.5;
        const named = label(0, middle, fitted(name, nameWidth), 'start', '');
        if (suppressed) return [named, hatched(left, y + 4, right - left, rowHeight - 8, id, `${name}: suppressed`)];
        if (value === null) return [named, label(x(0) + 8, middle, text, 'start', 'quiet')];
        const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
        const beside =
          value < 0 ? label(from - 6, middle, text, 'end', 'digits') : label(to + 6, middle, text, 'start', 'digits');
        return [named, box(from, y + 4, to - from, rowHeight - 8, 'bar', `${name}: ${text}`), beside];
      }),
      line(x(0), top, x(0), bottom, 'axis'),
      ...(suppressed ? key(left, bottom + 32, id) : []),
    ],
  };
}
