import type { Draw } from '../../../parts/plot.tsx';
import { fitted, type PlotOf, tick, widthOf } from './of.ts';

/** One bar a group; a suppressed one dashed over the whole width, as its length is not known. */
export function drawBars({ bars }: PlotOf<'bars'>): Draw {
  const known = bars.flatMap(({ value }) => (value === null ? [] : [value]));
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known) || 1];
  const names = Math.max(...bars.map(({ name }) => widthOf(name)));
  const textWidth = Math.max(...bars.map(({ text }) => widthOf(text)));
  return (plot, look, width) => {
    const marginLeft = Math.min(names, width * 0.35) + 12;
    const hidden = bars.filter(({ suppressed }) => suppressed);
    return plot.plot({
      width,
      height: 40 + 30 * bars.length,
      marginLeft,
      marginRight: textWidth + 14,
      x: { domain: [low, high], nice: false, label: null, tickFormat: tick, ticks: Math.max(3, width / 130) },
      y: {
        domain: bars.map(({ name }) => name),
        label: null,
        tickFormat: (name: string) => fitted(name, marginLeft - 12),
        padding: 0.28,
        tickSize: 0,
      },
      marks: [
        plot.gridX({ stroke: look.grid, strokeOpacity: 1 }),
        plot.barX(hidden, {
          y: 'name',
          x1: low,
          x2: high,
          fill: look.grid,
          fillOpacity: 0.5,
          stroke: look.quiet,
          strokeDasharray: '4 3',
        }),
        plot.barX(bars, { filter: ({ value }) => value !== null, y: 'name', x: 'value', fill: look.accent }),
        plot.text(bars, {
          y: 'name',
          x: ({ value, suppressed }) => (suppressed ? high : Math.max(0, value ?? 0)),
          text: 'text',
          dx: 6,
          textAnchor: 'start',
          fill: look.text,
          fontSize: 12,
          fontVariant: 'tabular-nums',
        }),
        plot.ruleX([0], { stroke: look.quiet }),
      ],
    }) as SVGElement;
  };
}
