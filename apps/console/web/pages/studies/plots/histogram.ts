import type { Draw } from '../../../parts/plot.tsx';
import { texts } from '../../../texts/index.ts';
import { type PlotOf, tick } from './of.ts';

/** Counts by bin; bins of different widths as high as their count for each unit, so that areas are counts. Suppressed ones are dashed over the whole height. */
export function drawHistogram({ bins }: PlotOf<'histogram'>): Draw {
  const sizes = bins.map(({ from, to }) => to - from);
  const equal = sizes.every((size) => Math.abs(size - sizes[0]!) <= 1e-9 * Math.abs(sizes[0]!));
  const rows = bins.map((bin, i) => ({ ...bin, height: equal ? bin.count : (bin.count ?? 0) / sizes[i]! }));
  const most = Math.max(...rows.map(({ height }) => height ?? 0)) || 1;
  const edges = [...bins.map(({ from }) => from), bins.at(-1)!.to];
  return (plot, look, width) =>
    plot.plot({
      width,
      height: 300,
      marginLeft: 56,
      marginTop: 24,
      x: { label: null, tickFormat: tick, ...(edges.length <= width / 60 ? { ticks: edges } : {}) },
      y: {
        label: equal ? texts.studies.result.countAxis : texts.studies.result.densityAxis,
        tickFormat: tick,
        domain: [0, most],
      },
      marks: [
        plot.gridY({ stroke: look.grid, strokeOpacity: 1 }),
        plot.rectY(
          rows.filter(({ count }) => count === null),
          {
            x1: 'from',
            x2: 'to',
            y1: 0,
            y2: most,
            fill: look.grid,
            fillOpacity: 0.5,
            stroke: look.quiet,
            strokeDasharray: '4 3',
            inset: 1,
          },
        ),
        plot.rectY(
          rows.filter(({ count }) => count !== null),
          { x1: 'from', x2: 'to', y: 'height', fill: look.accent, inset: 0.5 },
        ),
        plot.text(rows, {
          filter: ({ count }) => count !== null && bins.length <= width / 44,
          x: ({ from, to }) => (from + to) / 2,
          y: 'height',
          text: ({ count }) => tick(count!),
          dy: -8,
          fill: look.text,
          fontSize: 12,
        }),
        plot.ruleY([0], { stroke: look.quiet }),
      ],
    }) as SVGElement;
}
