import type { Draw } from '../../../parts/plot.tsx';
import { fitted, type PlotOf, tick, widthOf } from './of.ts';

type Forest = PlotOf<'forest'>;

/** Estimates below each other with their intervals; ratios on a log scale. The line is where there is no effect. */
export function drawForest({ estimates, ratios }: Forest): Draw {
  const names = Math.max(...estimates.map(({ name }) => widthOf(name)));
  const texts = Math.max(...estimates.map(({ text }) => widthOf(text)));
  const domain = domainOf(estimates, ratios);
  const [low, high] = domain;
  const inside = (value: number): number => Math.min(high, Math.max(low, value));
  const shown = estimates.filter(({ value }) => value !== null);
  return (plot, look, width) => {
    const marginLeft = Math.min(names, width * 0.3) + 14;
    return plot.plot({
      width,
      height: 44 + 32 * estimates.length,
      marginLeft,
      marginRight: Math.min(texts, width * 0.4) + 16,
      x: {
        type: ratios ? 'log' : 'linear',
        domain,
        label: null,
        tickFormat: tick,
        ticks: ratios ? 4 : Math.max(3, width / 130),
      },
      y: {
        domain: estimates.map(({ name }) => name),
        label: null,
        tickSize: 0,
        tickFormat: (name: string) => fitted(name, marginLeft - 14),
      },
      marks: [
        plot.gridX({ stroke: look.grid, strokeOpacity: 1 }),
        plot.ruleX([ratios ? 1 : 0], { stroke: look.quiet, strokeDasharray: '4 3' }),
        plot.link(shown, {
          x1: (of) => inside(of.low ?? (of.high === null ? of.value! : low)),
          x2: (of) => inside(of.high ?? (of.low === null ? of.value! : high)),
          y1: 'name',
          y2: 'name',
          stroke: look.accent,
          strokeWidth: 2,
        }),
        plot.dot(shown, {
          x: (of) => inside(of.value!),
          y: 'name',
          r: 5,
          symbol: 'square',
          fill: look.accent,
        }),
        plot.text(estimates, {
          y: 'name',
          frameAnchor: 'right',
          text: 'text',
          dx: 10,
          textAnchor: 'start',
          fill: look.text,
          fontSize: 12,
          fontVariant: 'tabular-nums',
        }),
      ],
    }) as SVGElement;
  };
}

/** All estimates and no effect; ends of intervals as far as they leave room to tell the estimates apart. */
function domainOf(estimates: Forest['estimates'], ratios: boolean): [number, number] {
  const values = estimates.flatMap(({ value }) => (value === null ? [] : [value]));
  const ends = estimates.flatMap(({ low, high }) => [low, high].filter((end) => end !== null));
  const all = [...values, ...ends, ratios ? 1 : 0];
  if (!ratios) {
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const room = 0.05 * (most - least || 1);
    return [least - room, most + room];
  }
  const above = all.filter((value) => value > 0);
  const known = [...values.filter((value) => value > 0), 1];
  const least = Math.max(Math.min(...above), Math.min(...known) / 16);
  const most = Math.min(Math.max(...above), Math.max(...known) * 16);
  return least === most ? [0.5, 2] : [least / 1.15, most * 1.15];
}
