import { fault } from '@symbolon/crypto';
import type { Node } from '@symbolon/sql';
import { beforeAfter } from '../../statistics/before-after.ts';
import { correlation } from '../../statistics/correlation.ts';
import { differenceInDifferences, panelDifferenceInDifferences } from '../../statistics/difference-in-differences.ts';
import { compareMeans } from '../../statistics/means.ts';
import { type CoMoments, coMoments, type Moments, moments } from '../../statistics/moments.ts';
import { type Item, levelsOf } from '../items.ts';
import type { Method } from '../methods.ts';
import { call, countRows, either, isLevel } from '../tree.ts';
import { type Cells, find, optionsOf, type PlainRow, type Reducer } from './question.ts';
import { withWithheld } from './withheld.ts';

type TTest = Extract<Method, { name: 't-test' }>;

/** n, mean and variance by group. */
export const tTestReducer: Reducer<TTest> = {
  question(items, method) {
    const grp = find(items, 'grp');
    const groups = groupsOf(grp, method);
    const where = levelsOf(grp).length === 2 ? [] : [either(groups.map((name) => isLevel(grp, name)))];
    return { keys: [grp.tree], aggregates: ofMoments(find(items, 'value').tree), where };
  },
  finish(cells, about) {
    const names = groupsOf(find(about.items, 'grp'), about.method);
    const [first, second] = names.map((name) => momentsOf(cells, [name])) as [Moments, Moments];
    const result = compareMeans(first, second, { ...optionsOf(about), names, variances: about.method.variances });
    const withheld = names.filter((name) => !cells.shows([name], 'n'));
    return withWithheld(result, withheld, about.minPatients);
  },
  plain(rows, about) {
    const names = groupsOf(find(about.items, 'grp'), about.method);
    const [first, second] = names.map((name) => moments(valuesOf(rows, { grp: name }))) as [Moments, Moments];
    return compareMeans(first, second, { ...optionsOf(about), names, variances: about.method.variances });
  },
};

/** The two groups, the first of which the second is taken from. @throws SymbolonError `study-unsupported` */
function groupsOf(grp: Omit<Item, 'tree'>, { groups }: TTest): [string, string] {
  const levels = levelsOf(grp);
  const refuse = (what: string): Error => fault('study-unsupported', `grp of t-test: ${what}`);
  if (groups !== null) {
    const unknown = groups.find((name) => !levels.includes(name));
    if (unknown !== undefined)
      throw refuse(`${unknown} is none of its values, which are ${levels.slice(0, 20).join(', ')}`);
    return [...groups];
  }
  if (levels.length !== 2)
    throw refuse(
      `it may have ${levels.length} values; name two: parameters: groups: [${levels.slice(0, 2).join(', ')}]`,
    );
  return grp.type.kind === 'boolean' ? ['true', 'false'] : [levels[0]!, levels[1]!];
}

/** n, both means and variances, and the correlation. */
export const correlationReducer: Reducer = {
  question: (items) => ({ keys: [], aggregates: ofCoMoments(find(items, 'x').tree, find(items, 'y').tree) }),
  finish(cells, about) {
    const result = correlation(coMomentsOf(cells, []), optionsOf(about));
    return withWithheld(result, cells.shows([], 'n') ? [] : ['x', 'y'], about.minPatients);
  },
  plain: (rows, about) => correlation(coMoments(valuesOf(rows, {}, 'x'), valuesOf(rows, {}, 'y')), optionsOf(about)),
};

export const beforeAfterReducer: Reducer = {
  question: (items) => ({ keys: [], aggregates: ofCoMoments(find(items, 'before').tree, find(items, 'after').tree) }),
  finish(cells, about) {
    const result = beforeAfter(coMomentsOf(cells, []), optionsOf(about));
    return withWithheld(result, cells.shows([], 'n') ? [] : ['differences'], about.minPatients);
  },
  plain: (rows, about) => beforeAfter(pairsOf(rows, {}), optionsOf(about)),
};

const samples = [
  ['treatedBefore', 'treated, before', 'true', 'false'],
  ['treatedAfter', 'treated, after', 'true', 'true'],
  ['controlBefore', 'control, before', 'false', 'false'],
  ['controlAfter', 'control, after', 'false', 'true'],
] as const;
const groups = [
  ['treated', 'change of treated', 'true'],
  ['control', 'change of control', 'false'],
] as const;

/** Of pairs by group; or, of other patients in each period, n, mean and variance of four samples. */
export const differenceReducer: Reducer = {
  question(items) {
    const treated = find(items, 'treated').tree;
    if (isPanel(items))
      return { keys: [treated], aggregates: ofCoMoments(find(items, 'before').tree, find(items, 'after').tree) };
    return { keys: [treated, find(items, 'after').tree], aggregates: ofMoments(find(items, 'value').tree) };
  },
  finish(cells, about) {
    if (isPanel(about.items)) {
      const [treated, control] = groups.map(([, , key]) => coMomentsOf(cells, [key])) as [CoMoments, CoMoments];
      const result = panelDifferenceInDifferences({ treated, control }, optionsOf(about));
      const withheld = groups.filter(([, , key]) => !cells.shows([key], 'n')).map(([, name]) => name);
      return withWithheld(result, withheld, about.minPatients);
    }
    const result = differenceInDifferences(
      four((treated, after) => momentsOf(cells, [treated, after])),
      optionsOf(about),
    );
    const withheld = samples.filter(([, , ...keys]) => !cells.shows(keys, 'n')).map(([, name]) => name);
    return withWithheld(result, withheld, about.minPatients);
  },
  plain(rows, about) {
    if (!isPanel(about.items))
      return differenceInDifferences(
        four((treated, after) => moments(valuesOf(rows, { treated, after }))),
        optionsOf(about),
      );
    const [treated, control] = groups.map(([, , key]) => pairsOf(rows, { treated: key })) as [CoMoments, CoMoments];
    return panelDifferenceInDifferences({ treated, control }, optionsOf(about));
  },
};

const isPanel = (items: readonly { readonly name: string }[]): boolean => items.some(({ name }) => name === 'before');

function four<T>(of: (treated: string, after: string) => T): Record<(typeof samples)[number][0], T> {
  return Object.fromEntries(samples.map(([name, , treated, after]) => [name, of(treated, after)])) as never;
}

/** Aggregates that {@link momentsOf} reads; bare, so that a column of policy `aggregate` serves. */
export function ofMoments(x: Node): Record<string, Node> {
  return { n: call('count', [x]), mean: call('avg', [x]), variance: call('var_samp', [x]) };
}

/** About the mean; of nothing, where it was withheld. */
export function momentsOf(cells: Cells, keys: readonly string[], suffix = ''): Moments {
  const n = cells.number(keys, `n${suffix}`);
  if (n === null) return { n: 0, sum: 0, sumSquares: 0 };
  const variance = cells.number(keys, `variance${suffix}`) ?? 0;
  return { n, sum: 0, sumSquares: variance * (n - 1), about: cells.number(keys, `mean${suffix}`)! };
}

/** Aggregates that {@link coMomentsOf} reads; no row has x or y as NULL. */
function ofCoMoments(x: Node, y: Node): Record<string, Node> {
  return {
    n: countRows(),
    'mean x': call('avg', [x]),
    'mean y': call('avg', [y]),
    'variance x': call('var_samp', [x]),
    'variance y': call('var_samp', [y]),
    correlation: call('corr', [x, y]),
  };
}

/** About the means; of nothing, where it was withheld. Where x or y does not vary, there is no correlation, and Σxy is 0. */
function coMomentsOf(cells: Cells, keys: readonly string[]): CoMoments {
  const n = cells.number(keys, 'n');
  if (n === null) return { n: 0, sumX: 0, sumY: 0, sumXX: 0, sumYY: 0, sumXY: 0 };
  const [sumXX, sumYY] = ['x', 'y'].map((name) => (cells.number(keys, `variance ${name}`) ?? 0) * (n - 1)) as [
    number,
    number,
  ];
  return {
    n,
    sumX: 0,
    sumY: 0,
    sumXX,
    sumYY,
    sumXY: (cells.number(keys, 'correlation') ?? 0) * Math.sqrt(sumXX) * Math.sqrt(sumYY),
    aboutX: cells.number(keys, 'mean x')!,
    aboutY: cells.number(keys, 'mean y')!,
  };
}

/** The numbers, of one item, of the rows whose other items have these values. */
function valuesOf(rows: readonly PlainRow[], where: PlainRow, item = 'value'): number[] {
  const own = rows.filter((row) => Object.entries(where).every(([name, value]) => row[name] === value));
  return own.flatMap((row) => (row[item] === null ? [] : [Number(row[item])]));
}

function pairsOf(rows: readonly PlainRow[], where: PlainRow): CoMoments {
  return coMoments(valuesOf(rows, where, 'before'), valuesOf(rows, where, 'after'));
}
