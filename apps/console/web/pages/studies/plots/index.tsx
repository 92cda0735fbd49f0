import { SimpleGrid } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { type LegendItem, PlotFigure } from '../../../parts/plot.tsx';
import { texts } from '../../../texts/index.ts';
import { drawBars } from './bars.ts';
import { drawForest } from './forest.ts';
import { drawHistogram } from './histogram.ts';
import type { ReportPlot } from './of.ts';
import { drawSurvival } from './survival.ts';

const words = texts.studies.result;

/** The plots of a result, each in the shape that is read best for its kind. @param name of the files that are saved */
export function Plots({ plots, name }: { plots: readonly ReportPlot[]; name: string }): ReactNode {
  if (plots.length === 0) return null;
  const narrow = plots.every(({ kind }) => kind === 'bars') && plots.length > 1;
  return (
    <SimpleGrid cols={{ base: 1, lg: narrow ? 2 : 1 }}>
      {plots.map((plot, i) => (
        // Plots have no identity but their place.
        <OnePlot key={i} plot={plot} name={plots.length === 1 ? name : `${name}-${i + 1}`} />
      ))}
    </SimpleGrid>
  );
}

function OnePlot({ plot, name }: { plot: ReportPlot; name: string }): ReactNode {
  const draw = useMemo(() => drawOf(plot), [plot]);
  const title = plot.by === null ? titleOf(plot) : words.ofStratum(plot.by, titleOf(plot));
  return <PlotFigure title={title} description={descriptionOf(plot)} name={name} draw={draw} legend={legendOf(plot)} />;
}

function drawOf(plot: ReportPlot) {
  switch (plot.kind) {
    case 'bars':
      return drawBars(plot);
    case 'forest':
      return drawForest(plot);
    case 'survival':
      return drawSurvival(plot);
    case 'histogram':
      return drawHistogram(plot);
  }
}

function titleOf(plot: ReportPlot): string {
  if (plot.kind === 'survival') return words.survivalTitle(plot.level);
  if (plot.kind === 'histogram') return words.histogramTitle;
  return plot.kind === 'forest' ? words.forestTitle(plot.title, plot.level) : plot.title;
}

function descriptionOf(plot: ReportPlot): string {
  if (plot.kind === 'survival') return words.curvesOf(plot.curves.map(({ group }) => group));
  if (plot.kind === 'histogram') return words.bins(plot.bins.length);
  const rows = plot.kind === 'bars' ? plot.bars : plot.estimates;
  return rows.map(({ name, text }) => `${name}: ${text}`).join('; ');
}

function legendOf(plot: ReportPlot): readonly LegendItem[] {
  if (plot.kind !== 'survival' || plot.curves.length < 2) return [];
  return plot.curves.map(({ group: name }, group) => ({ name, group }));
}
