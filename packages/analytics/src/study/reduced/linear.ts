import { intercept, withIntercept } from '../../statistics/design.ts';
import { linearRegression, linearSummary } from '../../statistics/linear-regression.ts';
import {
  bothName,
  type LevelColumn,
  levelCells,
  levelName,
  requireColumns,
  type Variable,
  variableOf,
} from '../factors.ts';
import { call, countRows } from '../tree.ts';
import { type Cells, optionsOf, type PlainRow, type Reducer } from './question.ts';
import { nothing } from './withheld.ts';

/**
 * Everything about the means: of each column Σx²; of two, Σxy. Sums over the rows of a level stand for the products with its indicator. A cell opens
 * all of it or nothing, so that no level that is withheld follows from the others: what is left of a level, or of all rows, is made of levels.
 */
export const linearReducer: Reducer = {
  question(items) {
    requireColumns(items, 'linear-regression');
    const numbers = items.filter((item) => variableOf(item).kind === 'number');
    const levels = levelCells(items);
    const aggregates = [
      ['n', countRows()] as const,
      ...numbers.flatMap(({ name, tree }) => [
        [`mean ${name}`, call('avg', [tree])] as const,
        [`variance ${name}`, call('var_samp', [tree])] as const,
      ]),
      ...numbers.flatMap((x, i) =>
        numbers.slice(0, i).map((y) => [correlationName(y.name, x.name), call('corr', [y.tree, x.tree])] as const),
      ),
      ...levels.map(({ name, filters }) => [`n ${name}`, countRows(filters)] as const),
      ...levels
        .filter(({ filters }) => filters.length === 1)
        .flatMap(({ name, filters }) =>
          numbers.map((x) => [`mean ${x.name} where ${name}`, call('avg', [x.tree], filters)] as const),
        ),
    ];
    return { keys: [], aggregates: Object.fromEntries(aggregates), allOrNone: true };
  },
  finish(cells, about) {
    const variables = about.items.map(variableOf);
    const columns = variables.filter(({ item }) => item !== 'y').flatMap(columnsOf);
    const [y] = variables.filter(({ item }) => item === 'y').flatMap(columnsOf) as [Column];
    const names = [intercept, ...columns.map(({ name }) => name)];
    if (!cells.shows([], 'n')) return nothing('linear regression', names, [smallest(variables)], about.minPatients);
    const n = cells.number([], 'n')!;
    const product = (a: Column, b: Column): number => centredProduct(a, b, n, cells);
    return linearRegression(
      {
        columns: names,
        n,
        gram: [[n, ...columns.map(() => 0)], ...columns.map((a) => [0, ...columns.map((b) => product(a, b))])],
        moment: [0, ...columns.map((a) => product(a, y))],
        square: product(y, y),
        about: { columns: [0, ...columns.map((column) => meanOf(column, n, cells))], y: meanOf(y, n, cells) },
      },
      optionsOf(about),
    );
  },
  plain(rows, about) {
    const variables = about.items.map(variableOf);
    const columns = variables.filter(({ item }) => item !== 'y').flatMap(columnsOf);
    const design = withIntercept(designOf(columns, rows));
    const y = rows.map((row) => Number(row.y));
    return linearRegression(linearSummary(design, y), optionsOf(about));
  },
};

/** A column of the regression. */
export interface Column {
  readonly name: string;
  readonly item: string;
  /** Absent: the item is a number. */
  readonly at?: LevelColumn;
}

export function columnsOf(variable: Variable): Column[] {
  const { item } = variable;
  return variable.kind === 'number'
    ? [{ name: item, item }]
    : variable.columns.map((at) => ({ name: at.name, item, at }));
}

/** The columns of rows in the clear. */
export function designOf(columns: readonly Column[], rows: readonly PlainRow[]): Record<string, number[]> {
  return Object.fromEntries(
    columns.map(({ name, item, at }) => [
      name,
      rows.map((row) => (at === undefined ? Number(row[item]) : at.offset + (row[item] === at.level ? at.unit : 0))),
    ]),
  );
}

const correlationName = (x: string, y: string): string => `correlation ${x}, ${y}`;

const countOf = (cells: Cells, name: string): number => cells.number([], `n ${name}`)!;

function meanOf({ item, at }: Column, n: number, cells: Cells): number {
  if (at === undefined) return cells.number([], `mean ${item}`)!;
  return at.offset + (at.unit * countOf(cells, levelName(item, at.place))) / n;
}

/** Σ(a − its mean)(b − its mean). */
function centredProduct(a: Column, b: Column, n: number, cells: Cells): number {
  if (a.at !== undefined && b.at === undefined) return centredProduct(b, a, n, cells);
  if (b.at === undefined) {
    const [x, y] = [a.item, b.item].map((item) => (cells.number([], `variance ${item}`) ?? 0) * (n - 1)) as [
      number,
      number,
    ];
    if (a.item === b.item) return x;
    const known = [correlationName(a.item, b.item), correlationName(b.item, a.item)].find((name) => cells.has(name))!;
    return (cells.number([], known) ?? 0) * Math.sqrt(x) * Math.sqrt(y);
  }
  const level = levelName(b.item, b.at.place);
  const ofLevel = countOf(cells, level);
  if (a.at === undefined) {
    const apart = cells.number([], `mean ${a.item} where ${level}`)! - cells.number([], `mean ${a.item}`)!;
    return b.at.unit * ofLevel * apart;
  }
  const other = levelName(a.item, a.at.place);
  const expected = (ofLevel * countOf(cells, other)) / n;
  const both =
    a.item === b.item
      ? a.at.place === b.at.place
        ? ofLevel
        : 0
      : countOf(cells, [bothName(other, level), bothName(level, other)].find((name) => cells.has(`n ${name}`))!);
  return a.at.unit * b.at.unit * (both - expected);
}

function smallest(variables: readonly Variable[]): string {
  const split = variables.filter(({ kind }) => kind === 'levels').map(({ item }) => item);
  return split.length === 0
    ? 'the rows'
    : `the smallest group by ${split.length === 1 ? split[0] : `two of ${split.join(', ')}`}`;
}
