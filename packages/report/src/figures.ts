import { barChart } from './chart/bars.ts';
import { forestChart } from './chart/forest.ts';
import { histogramChart } from './chart/histogram.ts';
import { survivalChart } from './chart/survival.ts';
import type { Chart } from './chart/svg.ts';
import type { Plot } from './plots.ts';

/** Draws a plot. @param id of the figure on its page */
export function chartOf(plot: Plot, id: string): Chart {
  const chart = plain(plot, id);
  return plot.by === null ? chart : { ...chart, title: `${plot.by}: ${chart.title}` };
}

function plain(plot: Plot, id: string): Chart {
  switch (plot.kind) {
    case 'bars':
      return barChart(plot.title, plot.bars, id);
    case 'forest':
      return forestChart(plot.title, plot.estimates);
    case 'survival':
      return survivalChart(plot.result, plot.level);
    case 'histogram':
      return histogramChart(plot.result, id);
  }
}
