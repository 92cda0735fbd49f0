import { printDecimal, quoteName, quoteText } from '@symbolon/sql';
import { type BoundAggregate, type BoundStudy, restsBeside } from './bound.ts';
import { keySqlType, keyValues } from './keys.ts';

/** What a cell shows: its keys, and each aggregate as text that DuckDB reads; null where it is withheld, or NULL. */
export interface Cell {
  readonly keys: readonly (string | null)[];
  readonly values: readonly (string | null)[];
  /** Which aggregates were withheld because too few patients stand behind them, or behind what follows from two of them. */
  readonly suppressed: readonly boolean[];
}

/** A study's result. */
export interface StudyResult {
  readonly columns: readonly string[];
  /** What SELECT, HAVING, ORDER BY and LIMIT make of the cells; values as DuckDB prints them. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly cells: readonly Cell[];
  /** Of each aggregate, the sum of the values shown; null where they do not add up to a total. */
  readonly totals: readonly (string | null)[];
}

/** A value opens where every party has k patients behind it; or none, where the agreement allows that, and all together have k. */
export function mayShow(
  patients: readonly number[],
  { minPatients, allowEmptyParty }: Pick<BoundStudy['release'], 'minPatients' | 'allowEmptyParty'>,
): boolean {
  const total = patients.reduce((sum, count) => sum + count, 0);
  return total >= minPatients && patients.every((count) => count >= minPatients || (count === 0 && allowEmptyParty));
}

/** What follows from two values, both shown, is of nobody, or of as many patients as a value. */
export function mayFollow(patients: readonly number[], release: Parameters<typeof mayShow>[1]): boolean {
  return patients.every((count) => count === 0) || mayShow(patients, release);
}

/**
 * The aggregate's value, made of what opened for it (whole numbers; a sum's factors without their centres). Sources: the textbook sums,
 * var = (n·Σx² − (Σx)²) / n(n − 1), r = (n·Σxy − ΣxΣy) / √(n·Σx² − (Σx)²)√(n·Σy² − (Σy)²), exact up to the last division.
 */
export function aggregateValue({ kind, scale }: BoundAggregate, opened: readonly bigint[]): string | null {
  const [n, x, y] = opened as [bigint, bigint, bigint];
  const print = (value: number): string | null => (Number.isFinite(value) ? String(value) : null);
  const unit = 10 ** scale;
  switch (kind) {
    case 'count':
    case 'patients':
      return String(n);
    case 'sum':
    case 'quantile':
      return printDecimal({ value: n, scale });
    case 'avg':
      return print(Number(x) / (Number(n) * unit));
    case 'var_samp':
      return print(Number(n * y - x * x) / Number(n * (n - 1n)) / unit ** 2);
    case 'stddev_samp':
      return print(Math.sqrt(Number(n * y - x * x) / Number(n * (n - 1n))) / unit);
    case 'corr': {
      const [xx, yy, xy] = opened.slice(3) as [bigint, bigint, bigint];
      const roots = Math.sqrt(Number(n * xx - x * x)) * Math.sqrt(Number(n * yy - y * y));
      return print(Number(n * xy - x * y) / roots);
    }
  }
}

/**
 * Which aggregates of a cell are withheld.
 * @param behind patients behind a support, at each party @param beside what else must be many, for each aggregate: the sides of its quantiles
 */
export function withheld(
  bound: BoundStudy,
  behind: (support: number) => readonly number[],
  beside: readonly (readonly (readonly number[])[])[] = [],
): boolean[] {
  const few = bound.aggregates.map(({ opened }, i) => {
    const supports = opened.map((number) => bound.opened[number]!.support);
    const groups = [behind(0), ...supports.map(behind), ...(beside[i] ?? [])];
    const rests = restsBeside(bound, supports).map(({ support }) => behind(support));
    return !(
      groups.every((group) => mayShow(group, bound.release)) && rests.every((rest) => mayFollow(rest, bound.release))
    );
  });
  return bound.release.allOrNone ? few.map(() => few.some(Boolean)) : few;
}

/** All cells of known keys, in their order, those that nothing stands behind suppressed; of unknown keys, only what is there. */
export function complete(bound: BoundStudy, cells: readonly Cell[]): Cell[] {
  const values = bound.keys.map((key) => keyValues(key, bound.nodes[key.node]!));
  const blank = bound.aggregates.map(() => null);
  const known = values.filter((of) => of !== undefined);
  if (known.length < values.length) return cells.filter(({ suppressed }) => !suppressed.every(Boolean));
  const there = new Map(cells.map((cell) => [JSON.stringify(cell.keys), cell]));
  const all = known.reduce<(string | null)[][]>(
    (rows, of) => rows.flatMap((row) => of.map((value) => [...row, value])),
    [[]],
  );
  return all.map(
    (keys) => there.get(JSON.stringify(keys)) ?? { keys, values: blank, suppressed: blank.map(() => true) },
  );
}

/** Of each aggregate, the sum over the cells that show it. */
export function totals(bound: BoundStudy, cells: readonly Cell[]): (string | null)[] {
  return bound.aggregates.map(({ kind, scale }, i) => {
    const shown = cells.map(({ values }) => values[i]).filter((value) => typeof value === 'string');
    if ((kind !== 'count' && kind !== 'sum') || shown.length === 0) return null;
    const value = shown.reduce((sum, each) => sum + BigInt(each.replace('.', '')), 0n);
    return printDecimal({ value, scale });
  });
}

/** SQL that makes the result's rows of the cells: SELECT list, HAVING, ORDER BY, LIMIT. Reads nothing else. */
export function afterSql(bound: BoundStudy, cells: readonly Cell[]): string {
  const types = [
    ...bound.keys.map(({ node }, i) => [`k${i}`, keySqlType(bound.nodes[node]!)] as const),
    ...bound.aggregates.map((aggregate, i) => [`a${i}`, aggregateSqlType(aggregate)] as const),
  ];
  const print = (value: string | null): string => (value === null ? 'NULL' : quoteText(value));
  const rows = cells.map(({ keys, values }) => `(${[...keys, ...values].map(print).join(', ')})`);
  const none = `(${types.map(() => 'NULL').join(', ')})`;
  const released = `SELECT ${types.map(([name, type], i) => `CAST(c${i} AS ${type}) AS ${name}`).join(', ')} FROM (VALUES ${
    rows.length === 0 ? none : rows.join(', ')
  }) AS t(${types.map((_, i) => `c${i}`).join(', ')})${rows.length === 0 ? ' LIMIT 0' : ''}`;
  const { select, having, orderBy, limit, offset } = bound.after;
  return [
    `SELECT ${select.map((sql, i) => `${sql} AS ${quoteName(bound.columns[i]!)}`).join(', ')} FROM (${released}) AS released`,
    having === null ? '' : ` WHERE ${having}`,
    orderBy.length === 0 ? '' : ` ORDER BY ${orderBy.join(', ')}`,
    limit === null ? '' : ` LIMIT ${limit}`,
    offset === null ? '' : ` OFFSET ${offset}`,
  ].join('');
}

/** DuckDB's type of a released aggregate. */
export function aggregateSqlType({ kind, scale }: BoundAggregate): string {
  switch (kind) {
    case 'count':
    case 'patients':
      return 'BIGINT';
    case 'sum':
      return scale === 0 ? 'HUGEINT' : `DECIMAL(38,${scale})`;
    case 'quantile':
      return `DECIMAL(18,${scale})`;
    default:
      return 'DOUBLE';
  }
}
