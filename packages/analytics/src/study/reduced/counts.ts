import { fault } from '@symbolon/crypto';
import { addDecimal, atScale, type Decimal, type Node, parseDecimal, printDecimal } from '@symbolon/sql';
import { crossTable, crossTabulation } from '../../statistics/cross-table.ts';
import { histogram, histogramSummary } from '../../statistics/histogram.ts';
import { riskMeasures } from '../../statistics/risk.ts';
import { type Item, levelsOf } from '../items.ts';
import type { Method } from '../methods.ts';
import { choose, compare, constant, countRows } from '../tree.ts';
import { type About, find, optionsOf, type Reducer } from './question.ts';
import { nothing } from './withheld.ts';

type Histogram = Extract<Method, { name: 'histogram' }>;

const most = 1000;

/** Rows by bin: the key is the bin's number. */
export const histogramReducer: Reducer<Histogram> = {
  question(items, method) {
    const value = find(items, 'value');
    const edges = edgesOf(value, method).map(constant);
    const [first, last] = [edges[0]!, edges.at(-1)!];
    const above = edges.slice(1, -1);
    const inner = above.map((edge, i): [Node, Node] => [compare(value.tree, '<', edge), number(i)]);
    const bin = choose([...inner, [compare(value.tree, '<=', last), number(above.length)]]);
    const where = [compare(value.tree, '>=', first), compare(value.tree, '<=', last)];
    return { keys: [bin], aggregates: { n: countRows() }, where };
  },
  finish(cells, about) {
    const edges = numbers(about);
    const counts = edges.slice(1).map((_, i) => cells.number([String(i)], 'n'));
    return histogram({ edges, counts }, optionsOf(about));
  },
  plain(rows, about, shown) {
    const summary = histogramSummary(
      rows.map(({ value }) => Number(value)),
      numbers(about),
    );
    const counts = summary.counts.map((count, i) => (shown([String(i)]) ? count : null));
    return histogram({ ...summary, counts }, optionsOf(about));
  },
};

const number = (value: number): Node => constant({ value: BigInt(value), scale: 0 });

const numbers = ({ items, method }: About<Histogram>): number[] =>
  edgesOf(find(items, 'value'), method).map((edge) => Number(printDecimal(edge)));

/** Of one width: its multiples, from the last that is not above any value to the first that none is above. */
function edgesOf({ type, name }: Pick<Item, 'type' | 'name'>, { bins }: Histogram): Decimal[] {
  if ('edges' in bins) return bins.edges.map((edge) => parseDecimal(edge)!);
  if (type.kind !== 'number') throw new TypeError('a histogram is of numbers');
  const width = parseDecimal(bins.width)!;
  const scale = Math.max(width.scale, type.scale);
  const step = atScale(width, scale);
  const [lo, hi] = type.range.map((bound) => atScale({ value: BigInt(bound), scale: type.scale }, scale));
  const below = lo! / step - (lo! < 0n && lo! % step !== 0n ? 1n : 0n);
  const steps = (hi! - below * step + step - 1n) / step;
  if (steps > BigInt(most))
    throw fault(
      'study-unsupported',
      `${name} of histogram: a width of ${bins.width} makes ${steps} bins, and ${most} are the most`,
    );
  const start = { value: below * step, scale };
  return Array.from({ length: Math.max(1, Number(steps)) + 1 }, (_, i) =>
    addDecimal(start, { value: step * BigInt(i), scale }),
  );
}

/** Rows by the values of a and b. */
export const crosstabReducer: Reducer = {
  question: (items) => ({ keys: [find(items, 'a').tree, find(items, 'b').tree], aggregates: { n: countRows() } }),
  finish(cells, about) {
    const [rows, columns] = [levelsOf(find(about.items, 'a')), levelsOf(find(about.items, 'b'))];
    const counts = rows.map((row) => columns.map((column) => cells.number([row, column], 'n')));
    return crossTabulation({ rows, columns, cells: counts }, optionsOf(about));
  },
  plain(rows, about, shown) {
    const [of, by] = [levelsOf(find(about.items, 'a')), levelsOf(find(about.items, 'b'))];
    const table = crossTable(
      rows.map(({ a }) => a!),
      rows.map(({ b }) => b!),
      of,
      by,
    );
    const cells = table.cells.map((row, i) => row.map((count, j) => (shown([of[i]!, by[j]!]) ? count : null)));
    return crossTabulation({ ...table, cells }, optionsOf(about));
  },
};

const fourfold = [
  ['exposed cases', 'true', 'true'],
  ['exposed others', 'true', 'false'],
  ['unexposed cases', 'false', 'true'],
  ['unexposed others', 'false', 'false'],
] as const;

/** Rows by exposure and outcome; where one of the four counts is withheld, nothing follows. */
export const riskReducer: Reducer = {
  question: (items) => ({
    keys: [find(items, 'exposed').tree, find(items, 'outcome').tree],
    aggregates: { n: countRows() },
  }),
  finish: (cells, about) => risk((exposed, outcome) => cells.number([exposed, outcome], 'n'), about),
  plain: (rows, about, shown) =>
    risk((exposed, outcome) => {
      if (!shown([exposed, outcome])) return null;
      return rows.filter((row) => row.exposed === exposed && row.outcome === outcome).length;
    }, about),
};

function risk(count: (exposed: string, outcome: string) => number | null, about: About) {
  const counts = fourfold.map(([name, exposed, outcome]) => [name, count(exposed, outcome)] as const);
  const withheld = counts.filter(([, n]) => n === null).map(([name]) => name);
  if (withheld.length > 0)
    return nothing('risk measures', ['odds ratio', 'risk ratio', 'risk difference'], withheld, about.minPatients);
  const [exposedCases, exposedOthers, unexposedCases, unexposedOthers] = counts.map(([, n]) => n!) as [
    number,
    number,
    number,
    number,
  ];
  return riskMeasures({ exposedCases, exposedOthers, unexposedCases, unexposedOthers }, optionsOf(about));
}
