import { requireAligned, requireCounts, requireFinite, requireSymmetric, requireThat } from './check.ts';
import { collinearNotes, type Design, intercept, requireDesign } from './design.ts';
import { fisherF } from './distributions.ts';
import { total } from './moments.ts';
import type { Estimate, MethodResult, Note, TestResult } from './result.ts';
import { dot, sweep, type Tolerance, times } from './sweep.ts';
import { levelOf, type MethodOptions, wald } from './wald.ts';

/** What opens of a least-squares regression with k columns. */
export interface LinearSummary {
  readonly columns: readonly string[];
  readonly n: number;
  /** XᵀX, k × k. */
  readonly gram: readonly (readonly number[])[];
  /** Xᵀy, k. */
  readonly moment: readonly number[];
  /** yᵀy. */
  readonly square: number;
  /** What was taken from each column, 0 from the intercept, and from y, before they were multiplied: constants, such as their means. */
  readonly about?: { readonly columns: readonly number[]; readonly y: number };
  /** Where several observations belong to one patient; then `about` is absent. */
  readonly clusters?: ClusterSummary;
}

/** What opens for errors that allow for likeness within a cluster, in a second pass, once the coefficients β are known. */
export interface ClusterSummary {
  readonly count: number;
  /** Σ over clusters of s sᵀ with s = Xᵀ(y − Xβ) of the cluster's observations; k × k. */
  readonly meat: readonly (readonly number[])[];
}

export interface LinearResult extends MethodResult {
  readonly residualDf: number;
  readonly residualStandardError: number | null;
  /** About the mean where there is an intercept, about 0 otherwise; as in R. */
  readonly rSquared: number | null;
  readonly adjustedRSquared: number | null;
}

/** @param clusterOf the cluster of each observation, for cluster-robust errors */
export function linearSummary(design: Design, y: readonly number[], clusterOf?: readonly string[]): LinearSummary {
  requireDesign(design, y.length);
  requireFinite(y, 'outcomes');
  const { columns, rows } = design;
  const of = (i: number): number[] => rows.map((row) => row[i]!);
  const product = (a: readonly number[], b: readonly number[]): number => total(a.map((value, i) => value * b[i]!));
  const all = columns.map((_, i) => of(i));
  const summary: LinearSummary = {
    columns,
    n: y.length,
    gram: all.map((a) => all.map((b) => product(a, b))),
    moment: all.map((a) => product(a, y)),
    square: product(y, y),
  };
  return clusterOf === undefined ? summary : { ...summary, clusters: clusterSummary(design, y, clusterOf, summary) };
}

function clusterSummary(
  { columns, rows }: Design,
  y: readonly number[],
  clusterOf: readonly string[],
  summary: LinearSummary,
): ClusterSummary {
  requireAligned(y, clusterOf);
  const { beta } = solve(summary);
  const scores = new Map<string, number[]>();
  for (const [i, row] of rows.entries()) {
    const residual = y[i]! - dot(row, beta);
    const score = scores.get(clusterOf[i]!) ?? columns.map(() => 0);
    scores.set(
      clusterOf[i]!,
      score.map((value, j) => value + row[j]! * residual),
    );
  }
  const all = [...scores.values()];
  return {
    count: all.length,
    meat: columns.map((_, i) => columns.map((_, j) => total(all.map((score) => score[i]! * score[j]!)))),
  };
}

/**
 * Coefficients of least squares with errors, t-tests and R², and the F-test of all but the intercept; as R's `lm`. With clusters the
 * errors are the sandwich of K.-Y. Liang and S. Zeger, Biometrika 73 (1986) 13, with Stata's factor c/(c − 1) · (n − 1)/(n − k) and
 * c − 1 degrees of freedom. Collinear columns are named, and nothing is estimated.
 */
export function linearRegression(summary: LinearSummary, options: MethodOptions & Tolerance = {}): LinearResult {
  requireLinear(summary);
  const level = levelOf(options);
  const { columns, n, clusters, square, moment } = summary;
  const { beta, inverse, residual, dependent } = solved(summary, options);
  const residualDf = n - columns.length;
  const notes: Note[] = collinearNotes(columns, dependent);
  if (n < columns.length) notes.unshift({ code: 'empty', text: `${n} observations for ${columns.length} columns` });
  if (notes.length > 0) return notEstimated(summary, residualDf, notes);

  const exact = residual <= n * Number.EPSILON * square;
  if (exact) notes.push({ code: 'perfect-fit', text: 'the columns give the outcome exactly: errors mean nothing' });
  if (clusters !== undefined && clusters.count < 2) notes.push({ code: 'empty', text: 'fewer than two clusters' });
  const variance = residualDf > 0 && !exact ? residual / residualDf : null;
  const covariance =
    variance === null
      ? null
      : clusters === undefined
        ? inverse.map((row) => row.map((value) => value * variance))
        : sandwich(inverse, clusters, n, columns.length);
  const df = clusters === undefined ? residualDf : clusters.count - 1;
  const method = clusters === undefined ? 'least squares' : 'least squares, cluster-robust (CR1)';
  const estimates = columns.map((name, i) => {
    const standardError = covariance === null ? null : Math.sqrt(covariance[i]![i]!);
    return wald({ name, at: beta[i]!, standardError, df, n, method }, level);
  });

  const centredOn = columns[0] === intercept ? 1 : 0;
  const spread = square - (centredOn === 1 ? moment[0]! ** 2 / n : 0);
  const rSquared = spread > n * Number.EPSILON * square ? 1 - residual / spread : null;
  const modelDf = columns.length - centredOn;
  const tests: TestResult[] = [];
  if (variance !== null && modelDf > 0 && clusters === undefined) {
    const value = Math.max(0, spread - residual) / modelDf / variance;
    tests.push({
      method: 'F-test of all coefficients',
      statistic: { name: 'F', value },
      df: [modelDf, residualDf],
      p: fisherF(modelDf, residualDf).above(value),
    });
  }
  return {
    method: 'linear regression',
    n,
    estimates,
    tests,
    notes,
    residualDf,
    residualStandardError: variance === null ? null : Math.sqrt(variance),
    rSquared,
    adjustedRSquared: rSquared === null || variance === null ? null : 1 - (variance * (n - centredOn)) / spread,
  };
}

/** {@link solve}, for the columns and y as they were before `about` was taken from them: only the intercept differs. */
function solved(summary: LinearSummary, tolerance: Tolerance) {
  const { about, columns } = summary;
  const fit = solve(summary, tolerance);
  if (about === undefined) return fit;
  const shift = columns.map((_, i) => (i === 0 ? 1 : -about.columns[i]!));
  const covariances = times(fit.inverse, shift);
  const first = [dot(shift, covariances), ...covariances.slice(1)];
  return {
    beta: [dot(shift, fit.beta) + about.y, ...fit.beta.slice(1)],
    inverse: fit.inverse.map((row, i) => (i === 0 ? first : [first[i]!, ...row.slice(1)])),
    residual: fit.residual,
    // What is constant is a multiple of the intercept.
    dependent: fit.dependent.map(({ column, on }) => ({ column, on: on.length === 0 && column > 0 ? [0] : on })),
  };
}

function solve({ columns, gram, moment, square }: LinearSummary, tolerance: Tolerance = {}) {
  const bordered = [...gram.map((row, i) => [...row, moment[i]!]), [...moment, square]];
  const { inverse, coefficients, residuals, dependent } = sweep(bordered, columns.length, tolerance);
  return { beta: coefficients[0]!, inverse, residual: residuals[0]!, dependent };
}

/** Null where there are not two clusters. */
function sandwich(
  bread: readonly (readonly number[])[],
  { count, meat }: ClusterSummary,
  n: number,
  k: number,
): number[][] | null {
  if (count < 2) return null;
  const factor = ((count / (count - 1)) * (n - 1)) / (n - k);
  return bread.map((left) =>
    bread.map((right) =>
      // Rounding must not leave a variance below 0.
      left === right ? factor * Math.max(0, dot(left, times(meat, right))) : factor * dot(left, times(meat, right)),
    ),
  );
}

function notEstimated({ columns, n }: LinearSummary, residualDf: number, notes: readonly Note[]): LinearResult {
  const none = columns.map(
    (name): Estimate => wald({ name, at: null, standardError: null, n, method: 'least squares' }, 0.95),
  );
  return {
    method: 'linear regression',
    n,
    estimates: none,
    tests: [],
    notes,
    residualDf,
    residualStandardError: null,
    rSquared: null,
    adjustedRSquared: null,
  };
}

function requireLinear({ columns, n, gram, moment, square, about, clusters }: LinearSummary): void {
  requireCounts([n], 'numbers of observations');
  requireThat(columns.length > 0 && columns.length === moment.length, 'a regression needs one moment for each column');
  requireSymmetric(gram, columns.length, 'XᵀX');
  requireFinite([...moment, square], 'moments');
  if (about !== undefined) {
    requireFinite([...about.columns, about.y], 'what was taken from the columns');
    requireThat(
      columns[0] === intercept &&
        about.columns.length === columns.length &&
        about.columns[0] === 0 &&
        clusters === undefined,
      'columns are taken about constants where there is an intercept, and no clusters',
    );
  }
  if (clusters === undefined) return;
  requireCounts([clusters.count], 'numbers of clusters');
  requireSymmetric(clusters.meat, columns.length, 'the meat of a sandwich');
}
