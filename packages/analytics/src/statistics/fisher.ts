import { requireCounts, requireThat } from './check.ts';
import { hypergeometric, solveIncreasing } from './distributions.ts';
import type { Estimate } from './result.ts';

/** Tables as probable as the observed one count as such, whatever the rounding; as in R. */
const tie = 1 + 1e-7;

/** Exact p of a 2 × 2 table [[a, b], [c, d]], given its margins. */
export interface FisherExact {
  /** Sum over all tables no more probable than the observed one. */
  readonly twoSided: number;
  /** Of an odds ratio as small, and as large, as the observed one. */
  readonly less: number;
  readonly greater: number;
}

/** R. A. Fisher, J. Royal Stat. Soc. 98 (1935) 39. */
export function fisherExact(table: readonly (readonly number[])[]): FisherExact {
  const { chances, at } = conditional(table);
  const observed = chances[at]!;
  return {
    twoSided: Math.min(1, sum(chances.filter((chance) => chance <= observed * tie))),
    less: Math.min(1, sum(chances.slice(0, at + 1))),
    greater: Math.min(1, sum(chances.slice(at))),
  };
}

/**
 * The conditional maximum-likelihood odds ratio with its exact interval (J. Cornfield, Proc. Third Berkeley Symp. 4 (1956) 135), as
 * R's `fisher.test`. It has an interval where a cell is 0; the estimate is then 0 or null for ∞.
 */
export function conditionalOddsRatio(table: readonly (readonly number[])[], level: number): Estimate {
  const { logs, at } = conditionalLogs(table);
  const last = logs.length - 1;
  // Chances under an odds ratio ω are proportional to chance · ω^k; scaled by the largest to stay in range.
  const under = (ratio: number): number[] => {
    const step = Math.log(ratio);
    const shifted = logs.map((log, k) => log + k * step);
    const top = shifted.reduce((most, log) => Math.max(most, log));
    const weights = shifted.map((log) => Math.exp(log - top));
    const all = sum(weights);
    return weights.map((weight) => weight / all);
  };
  const atMost = (ratio: number): number => sum(under(ratio).slice(0, at + 1));
  const atLeast = (ratio: number): number => sum(under(ratio).slice(at));
  const expected = (ratio: number): number => sum(under(ratio).map((chance, k) => k * chance));
  const tail = (1 - level) / 2;
  const determined = last === 0;
  return {
    name: 'odds ratio (conditional)',
    value: determined || at === last ? null : at === 0 ? 0 : solveIncreasing(expected, at),
    scale: 'log',
    standardError: null,
    interval: determined
      ? null
      : {
          low: at === 0 ? 0 : solveIncreasing(atLeast, tail),
          high: at === last ? null : solveIncreasing((ratio) => -atMost(ratio), -tail),
          level,
          method: 'exact',
        },
    n: sum(table.flat()),
    test: null,
  };
}

/**
 * Exact p of an r × c table given its margins: sum over all tables no more probable than the observed one (G. Freeman and
 * J. Halton, Biometrika 38 (1951) 141), by walking through every table.
 * @param maxTables null is returned rather than visiting more
 */
export function freemanHalton(table: readonly (readonly number[])[], maxTables = 2_000_000): number | null {
  requireCounts(table.flat(), 'cells');
  requireThat(
    table.length > 0 && table.every((row) => row.length === table[0]!.length),
    'all rows of a table must have the same length',
  );
  const rows = table.map(sum);
  const columns = table[0]!.map((_, j) => sum(table.map((row) => row[j]!)));
  const lnFactorial = lnFactorials(sum(rows));
  const margins = sum([...rows, ...columns].map((count) => lnFactorial[count]!)) - lnFactorial[sum(rows)]!;
  const limit = margins - sum(table.flat().map((count) => lnFactorial[count]!)) + Math.log(tie);
  let tables = 0;
  let p = 0;

  // Fills column after column, cell after cell; `free` is what each row still lacks, `log` the ln probability so far.
  const free = [...rows];
  const fill = (column: number, row: number, left: number, log: number): void => {
    if (tables > maxTables) return;
    if (column === columns.length - 1) {
      tables++;
      const whole = log - sum(free.map((count) => lnFactorial[count]!));
      if (whole <= limit) p += Math.exp(whole);
      return;
    }
    const lastRow = row === rows.length - 1;
    const most = Math.min(left, free[row]!);
    const roomBelow = sum(free.slice(row + 1));
    for (let count = lastRow ? left : Math.max(0, left - roomBelow); count <= most; count++) {
      free[row]! -= count;
      const next = log - lnFactorial[count]!;
      if (lastRow) fill(column + 1, 0, columns[column + 1]!, next);
      else fill(column, row + 1, left - count, next);
      free[row]! += count;
    }
  };
  fill(0, 0, columns[0]!, margins);
  return tables > maxTables ? null : Math.min(1, p);
}

/** Chances of all values of the first cell given the margins, and the place of the observed one among them. */
function conditional(table: readonly (readonly number[])[]): { chances: readonly number[]; at: number } {
  requireThat(table.length === 2 && table.every((row) => row.length === 2), 'a 2 × 2 table is needed');
  requireCounts(table.flat(), 'cells');
  const [[a, b], [c, d]] = table as [[number, number], [number, number]];
  const { low, probabilities } = hypergeometric(a + c, b + d, a + b);
  return { chances: probabilities, at: a - low };
}

/** ln of the same chances, up to a constant, from the ratios of neighbours: none is lost for being too small. */
function conditionalLogs(table: readonly (readonly number[])[]): { logs: readonly number[]; at: number } {
  const { chances, at } = conditional(table);
  const [[a, b], [c, d]] = table as [[number, number], [number, number]];
  let log = 0;
  const logs = chances.map((_, i) => {
    const here = log;
    // Tables with first cell k = a + i − at: the next moves one from b and c to a and d.
    const moved = i - at;
    log += Math.log((b - moved) * (c - moved)) - Math.log((a + moved + 1) * (d + moved + 1));
    return here;
  });
  return { logs, at };
}

function lnFactorials(highest: number): Float64Array {
  const table = new Float64Array(highest + 1);
  for (let i = 1; i <= highest; i++) table[i] = table[i - 1]! + Math.log(i);
  return table;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
