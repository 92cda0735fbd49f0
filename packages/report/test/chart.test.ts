import { type Estimate, histogram } from '@symbolon/analytics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { barChart } from '../src/chart/bars.ts';
import { forestChart } from '../src/chart/forest.ts';
import { histogramChart } from '../src/chart/histogram.ts';
import { logarithmic, roundRange, roundTicks } from '../src/chart/scale.ts';
import { type Chart, fitted, svg, widthOf, wrapped } from '../src/chart/svg.ts';
import { exact, number, printEstimate, pValue } from '../src/numbers.ts';
import { flowOf } from '../src/report.ts';
import { type Element, parseXml, within } from './xml.ts';

const drawn = (chart: Chart): Element[] => within(parseXml(svg(chart, 'f').text));
const looks = (elements: readonly Element[], look: string): Element[] =>
  elements.filter(({ attributes }) => attributes.class?.split(' ').includes(look));

const estimate = (
  value: number | null,
  low: number | null,
  high: number | null,
  scale: Estimate['scale'],
): Estimate => ({
  name: 'x',
  value,
  scale,
  standardError: null,
  interval: low === null && high === null ? null : { low, high, level: 0.95, method: 'Wald' },
  n: 10,
  test: null,
});

test('ticks are round, ascending and within', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      (lo, ratio) => {
        const span = (Math.abs(lo) + 1) * ratio;
        const ticks = roundTicks(lo, lo + span);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
        expect(ticks.length).toBeLessThanOrEqual(14);
        expect(ticks.every((tick, i) => i === 0 || tick > ticks[i - 1]!)).toBe(true);
        const [from, to] = roundRange([lo, lo + span]);
        expect(from <= lo + span * 1e-6 && to >= lo + span * (1 - 1e-6)).toBe(true);
      },
    ),
  );
  expect(roundTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(roundTicks(0, 0.7, 7)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
  expect(logarithmic([0.2, 5], [0, 100]).ticks).toEqual([0.2, 0.5, 1, 2, 5]);
  expect(logarithmic([1e-4, 1e4], [0, 100])(1)).toBeCloseTo(50);
});

test('an interval without an end, or beyond the axis, has an arrow', () => {
  const arrows = (estimates: Estimate[]): number =>
    drawn(forestChart('x', estimates)).filter(
      ({ name, attributes }) => name === 'path' && attributes.class === 'whisker',
    ).length;
  expect(arrows([estimate(2, 1, 4, 'log')])).toBe(0);
  expect(arrows([estimate(2, 1, null, 'log')])).toBe(1);
  expect(arrows([estimate(2, 1e-9, 1e9, 'log')])).toBe(2);
  expect(looks(drawn(forestChart('x', [estimate(null, null, null, 'log')])), 'point')).toEqual([]);
  for (const all of [[estimate(0, 0, 0, 'identity')], [estimate(1, 1, 1, 'log')]])
    expect(svg(forestChart('x', all), 'f').text).not.toMatch(/NaN|Infinity/);
});

test('bins of different widths have areas of their counts', () => {
  const edges = [0, 10, 30];
  const bars = looks(drawn(histogramChart(histogram({ edges, counts: [20, 20] }), 'f')), 'bar');
  const [first, second] = bars.map(({ attributes }) => Number(attributes.height)) as [number, number];
  expect(first / second).toBeCloseTo(2, 1);
  expect(drawn(histogramChart(histogram({ edges, counts: [null, null] }), 'f')).length).toBeGreaterThan(0);
});

test('bars begin at 0, to either side', () => {
  const bars = [5, -5, 0].map((value) => ({ name: 'x', value, text: String(value), suppressed: false }));
  const [up, down, none] = looks(drawn(barChart('x', bars, 'f')), 'bar').map(({ attributes }) => ({
    from: Number(attributes.x),
    width: Number(attributes.width),
  }));
  expect(up!.from).toBeCloseTo(down!.from + down!.width, 0);
  expect(up!.width).toBeCloseTo(down!.width, 0);
  expect(none!.width).toBe(0);
});

test('texts are cut and wrapped to fit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 40, max: 400 }), (text, most) => {
      expect(widthOf(fitted(text, most))).toBeLessThanOrEqual(most);
      const lines = wrapped(text, most, 3);
      expect(lines.length).toBeLessThanOrEqual(3);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(most);
    }),
  );
});

test('numbers have the digits that mean something', () => {
  expect([0, 1234567.8, 0.000123456, 3.1e-7, -2.5e18, 12, 0.1 + 0.2].map((value) => number(value))).toEqual([
    '0',
    '1,234,568',
    '0.0001235',
    '3.1 × 10⁻⁷',
    '−2.5 × 10¹⁸',
    '12',
    '0.3',
  ]);
  expect([exact('-1234567.50'), exact('1000')]).toEqual(['−1,234,567.50', '1,000']);
  expect([0.5, 0.0799, 0.00131, 0.00001].map(pValue)).toEqual(['0.50', '0.080', '0.0013', '< 0.0001']);
  expect(printEstimate(estimate(1.5168, 1.2072, 1.9061, 'log'))).toEqual({ value: '1.52', interval: '1.21 to 1.91' });
  expect(printEstimate(estimate(394, 342, 450, 'identity'))).toEqual({ value: '394', interval: '342 to 450' });
  expect(printEstimate(estimate(12_345.678, 12_000.1, null, 'identity'))).toEqual({
    value: '12,346',
    interval: '12,000 or more',
  });
  expect(printEstimate(estimate(null, null, null, 'log'))).toEqual({ value: null, interval: null });
});

test('a flow shows released counts only', () => {
  const flow = flowOf(
    {
      tables: [
        { name: 'visits', alias: 'v', parties: ['north', 'south'], maxRows: 9, patient: 'pid', onePerPatient: false },
      ],
      joins: [],
      nodes: [
        {
          op: 'constant',
          value: true,
          sql: "((v.kind = ')') AND (v.x > 1))",
          type: { kind: 'boolean' },
          nullable: false,
        },
        { op: 'constant', value: true, sql: '(v.x > 1) OR (v.y > 1)', type: { kind: 'boolean' }, nullable: false },
      ],
      where: [0, 1],
    },
    { v: { north: { rows: 5, patients: 4 } } },
    { name: 'rows counted', value: null },
  );
  expect(flow.tables).toEqual([
    {
      name: 'visits (v)',
      parties: [
        { id: 'north', rows: 5, patients: 4 },
        { id: 'south', rows: 0, patients: 0 },
      ],
    },
  ]);
  expect(flow.steps.map(({ text }) => text)).toEqual(["(v.kind = ')') AND (v.x > 1)", '(v.x > 1) OR (v.y > 1)']);
});
