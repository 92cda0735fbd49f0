import type { Draw } from '../../../parts/plot.tsx';
import { texts } from '../../../texts/index.ts';
import { fitted, type PlotOf, tick, widthOf } from './of.ts';

const words = texts.studies.result;
type Survival = PlotOf<'survival'>;
const [plotHeight, lineHeight, below] = [300, 20, 64];

/**
 * Curves with their confidence bands, and below them how many are observed longer than each time. Curves of which only agreed times opened are lines through
 * marks: where in between they fall is not known.
 */
export function drawSurvival({ curves, sampled, risk }: Survival): Draw {
  const points = curves.flatMap(({ points: own }, group) => [
    { group, time: 0, survival: 1, low: 1 as number | null, high: 1 as number | null },
    ...own.map((point) => ({ ...point, group })),
  ]);
  const end = Math.max(...points.map(({ time }) => time), ...risk.times) || 1;
  const known = points.filter(({ low, high }) => low !== null && high !== null);
  const curve = sampled ? 'linear' : 'step-after';
  return (plot, look, width) => {
    const marginLeft = Math.min(Math.max(56, ...curves.map(({ group }) => widthOf(group) + 24)), width * 0.3);
    const times = apart(risk.times, end, (width - marginLeft - 20) / 48);
    const rows = curves.flatMap(({ group }, g) =>
      times.map((time) => ({ g, group, time, count: risk.counts[g]?.[risk.times.indexOf(time)] ?? null })),
    );
    const line = { x: 'time', z: 'group', curve } as const;
    return plot.plot({
      width,
      height: plotHeight + below + lineHeight * (curves.length + 1),
      marginLeft,
      marginRight: 20,
      marginTop: 16,
      marginBottom: below + lineHeight * (curves.length + 1),
      x: {
        domain: [0, end],
        label: words.timeAxis,
        ticks: times,
        tickFormat: tick,
        labelAnchor: 'right',
        labelOffset: 36,
      },
      y: { domain: [0, 1], label: null, tickFormat: (share: number) => `${Math.round(100 * share)}%`, ticks: 5 },
      marks: [
        plot.gridY({ stroke: look.grid, strokeOpacity: 1 }),
        plot.areaY(known, {
          ...line,
          y1: 'low',
          y2: 'high',
          fill: ({ group }) => look.groups[group % look.groups.length]!,
          fillOpacity: 0.16,
        }),
        plot.line(points, {
          ...line,
          y: 'survival',
          stroke: ({ group }) => look.groups[group % look.groups.length]!,
          strokeWidth: 2,
        }),
        plot.dot(points, {
          filter: ({ time }) => sampled && time > 0,
          x: 'time',
          y: 'survival',
          r: points.length > 80 ? 1.5 : 3,
          fill: ({ group }) => look.groups[group % look.groups.length]!,
        }),
        plot.ruleY([0], { stroke: look.quiet }),
        ...risksBelow(plot, look, marginLeft, curves, rows),
      ],
    }) as SVGElement;
  };
}

interface Risk {
  readonly g: number;
  readonly time: number;
  readonly count: number | null;
}

function risksBelow(
  plot: Parameters<Draw>[0],
  look: Parameters<Draw>[1],
  marginLeft: number,
  curves: Survival['curves'],
  rows: readonly Risk[],
) {
  const head = { frameAnchor: 'bottom-left', dx: 4 - marginLeft, textAnchor: 'start', fontSize: 12 } as const;
  return [
    plot.text([words.atRisk], { ...head, dy: below, fill: look.quiet, text: (text) => text }),
    ...curves.flatMap(({ group }, g) => {
      const dy = below + lineHeight * (g + 1);
      const colour = look.groups[g % look.groups.length]!;
      return [
        plot.text([group], {
          ...head,
          dy,
          fill: colour,
          fontWeight: 600,
          text: (name) => fitted(name, marginLeft - 12),
        }),
        plot.text(
          rows.filter((row) => row.g === g),
          {
            x: 'time',
            frameAnchor: 'bottom',
            dy,
            text: ({ count }) => (count === null ? words.hidden : tick(count)),
            fill: look.text,
            fontSize: 12,
            fontVariant: 'tabular-nums',
          },
        ),
      ];
    }),
  ];
}

/** Of ascending times some that have room beside each other. */
function apart(times: readonly number[], end: number, most: number): number[] {
  const kept: number[] = [];
  for (const time of times) if (kept.length === 0 || time - kept.at(-1)! >= end / most) kept.push(time);
  return kept;
}
