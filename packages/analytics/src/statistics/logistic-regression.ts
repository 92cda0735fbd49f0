import { requireCounts, requireFinite, requireSymmetric, requireThat } from './check.ts';
import { collinearNotes, type Design, intercept, requireDesign } from './design.ts';
import { chiSquared } from './distributions.ts';
import type { Estimate, MethodResult, Note, TestResult } from './result.ts';
import { dot, sweep, type Tolerance, times } from './sweep.ts';
import { levelOf, type MethodOptions, wald } from './wald.ts';

/** What one iteration computes at coefficients β, of k columns: with p = 1/(1 + e^−Xβ) and W = diag(p(1 − p)). */
export interface LogisticStep {
  /** XᵀWX, k × k: Fisher's information. */
  readonly information: readonly (readonly number[])[];
  /** Xᵀ(y − p), k. */
  readonly score: readonly number[];
  /** Σ y ln p + (1 − y) ln(1 − p). */
  readonly logLikelihood: number;
}

/** What opens of a logistic regression: its last step, and where that was. */
export interface LogisticSummary extends LogisticStep {
  readonly columns: readonly string[];
  readonly n: number;
  /** Observations with outcome 1. */
  readonly cases: number;
  /** β at which the step was taken. */
  readonly coefficients: readonly number[];
  /** Updates of β before it; they start from 0. */
  readonly iterations: number;
}

export interface LogisticResult extends MethodResult {
  /** e^β of every column but the intercept. */
  readonly oddsRatios: readonly Estimate[];
  readonly logLikelihood: number;
  /** Of the intercept alone. */
  readonly nullLogLikelihood: number;
  readonly deviance: number;
  readonly iterations: number;
}

export interface LogisticOptions extends MethodOptions, Tolerance {
  /** A fit has converged when a further update is below this share of |β| + standard error, in every column; 1e-6 by default, more for fixed point. */
  readonly tolerance?: number | undefined;
}

/** One iteration over rows in the clear. @param y 0 or 1 */
export function logisticStep({ columns, rows }: Design, y: readonly number[], beta: readonly number[]): LogisticStep {
  const information = columns.map(() => columns.map(() => 0));
  const score = columns.map(() => 0);
  let logLikelihood = 0;
  for (const [i, row] of rows.entries()) {
    const eta = dot(row, beta);
    const p = 1 / (1 + Math.exp(-eta));
    const weight = p * (1 / (1 + Math.exp(eta)));
    // ln p or ln(1 − p), without losing either end.
    const towards = y[i] === 1 ? eta : -eta;
    logLikelihood += Math.min(0, towards) - Math.log1p(Math.exp(-Math.abs(towards)));
    for (const [j, value] of row.entries()) {
      score[j]! += value * (y[i]! - p);
      for (const [k, other] of row.entries()) information[j]![k]! += weight * value * other;
    }
  }
  return { information, score, logLikelihood };
}

/**
 * Iteratively reweighted least squares from β = 0, each time β + (XᵀWX)⁻¹Xᵀ(y − p): P. McCullagh and J. Nelder, Generalized Linear
 * Models, §2.5. It ends when an update no longer changes β, when XᵀWX cannot be inverted, or after `iterations`.
 * @param step computes an iteration; here and in the secure computation alike
 */
export function fitLogistic(
  about: Pick<LogisticSummary, 'columns' | 'n' | 'cases'>,
  step: (beta: readonly number[]) => LogisticStep,
  iterations = 25,
): LogisticSummary {
  let coefficients: readonly number[] = about.columns.map(() => 0);
  for (let done = 0; ; done++) {
    const here = step(coefficients);
    const summary: LogisticSummary = { ...about, ...here, coefficients, iterations: done };
    const { update, errors } = nextUpdate(summary);
    if (update === null || done === iterations || isSmall(update, coefficients, errors, 1e-9)) return summary;
    coefficients = coefficients.map((value, i) => value + update[i]!);
  }
}

/** {@link fitLogistic} of rows in the clear. */
export function logisticSummary(design: Design, y: readonly number[], iterations?: number): LogisticSummary {
  requireDesign(design, y.length);
  requireThat(
    y.every((value) => value === 0 || value === 1),
    'outcomes of a logistic regression must be 0 or 1',
  );
  const cases = y.filter((value) => value === 1).length;
  return fitLogistic(
    { columns: design.columns, n: y.length, cases },
    (beta) => logisticStep(design, y, beta),
    iterations,
  );
}

/**
 * Coefficients with Wald intervals and z-tests, odds ratios, and the likelihood-ratio test against the intercept alone; as R's
 * `glm(family = binomial)`. Nothing is estimated, and a note says so, where columns are collinear or where the fit has no end:
 * when the outcome is separated (A. Albert and J. Anderson, Biometrika 71 (1984) 1), every update still moves Xβ by about 1 while the
 * score vanishes and the errors grow by √e.
 */
export function logisticRegression(summary: LogisticSummary, options: LogisticOptions = {}): LogisticResult {
  requireLogistic(summary);
  const level = levelOf(options);
  const { columns, n, cases, coefficients, logLikelihood, iterations } = summary;
  const { errors, notes } = judge(summary, options);
  const parameters = columns.map((name, i) => {
    const at = errors === null ? null : coefficients[i]!;
    return { name, at, standardError: errors?.[i] ?? null, n, method: 'Wald' };
  });
  const share = cases / n;
  const nullLogLikelihood = entropy(cases, share) + entropy(n - cases, 1 - share);
  const modelDf = columns.length - 1;
  const tests: TestResult[] = [];
  if (errors !== null && columns[0] === intercept && modelDf > 0) {
    const value = Math.max(0, 2 * (logLikelihood - nullLogLikelihood));
    tests.push({
      method: 'likelihood-ratio test',
      statistic: { name: 'χ²', value },
      df: [modelDf],
      p: chiSquared(modelDf).above(value),
    });
  }
  return {
    method: 'logistic regression',
    n,
    estimates: parameters.map((parameter) => wald(parameter, level)),
    oddsRatios: parameters
      .filter(({ name }) => name !== intercept)
      .map((parameter) => wald({ ...parameter, scale: 'log' }, level)),
    tests,
    notes,
    logLikelihood,
    nullLogLikelihood,
    deviance: -2 * logLikelihood,
    iterations,
  };
}

const entropy = (count: number, share: number): number => (count === 0 ? 0 : count * Math.log(share));

/** Iterations in which every fit that has an end comes close to it, even one whose coefficient is about 0. */
const enoughToTell = 8;

/** Standard errors; or null and the reason why there are none. */
function judge(
  summary: LogisticSummary,
  options: LogisticOptions,
): { errors: readonly number[] | null; notes: Note[] } {
  const { columns, cases, n, iterations, coefficients } = summary;
  if (cases === 0 || cases === n) {
    return { errors: null, notes: [{ code: 'no-variation', text: 'all outcomes are equal' }] };
  }
  const { update, errors, dependent } = nextUpdate(summary, options);
  // Under separation weights vanish by e each iteration: after a few they cannot yet have made columns dependent.
  const distinct = Math.exp(-iterations) > (options.remainder ?? 1e-10);
  if (update === null && distinct) return { errors: null, notes: collinearNotes(columns, dependent) };
  // Under separation an update is some e^(−iterations/2) of the standard error, or more.
  const share = Math.min(options.tolerance ?? 1e-6, Math.exp(-iterations / 2) / 10);
  if (update !== null && isSmall(update, coefficients, errors, share)) return { errors, notes: [] };

  // Where β runs away, every update is about as large as those before it, though the likelihood has nothing more to gain.
  const gain = update === null ? 0 : dot(update, summary.score) / 2;
  const running =
    update === null
      ? dependent.map(({ column }) => column)
      : update.flatMap((value, i) => (Math.abs(value) * 3 * iterations > Math.abs(coefficients[i]!) ? [i] : []));
  const early = update !== null && iterations < enoughToTell;
  if (gain > 0.01 || running.length === 0 || early) {
    const text = `no convergence after ${iterations} iterations: too few of them, or a separated outcome`;
    return { errors: null, notes: [{ code: 'not-converged', text }] };
  }
  const names = running.map((i) => columns[i]!);
  const text = `separation: the outcome is foretold without error by ${names.join(', ')}, so that no finite coefficient fits best`;
  return { errors: null, notes: [{ code: 'separation', text, names }] };
}

/** (XᵀWX)⁻¹Xᵀ(y − p) and standard errors; null where XᵀWX has no inverse. */
function nextUpdate({ information, score }: LogisticStep, tolerance: Tolerance = {}) {
  const { inverse, dependent } = sweep(information, information.length, tolerance);
  if (dependent.length > 0) return { update: null, errors: [], dependent };
  return { update: times(inverse, score), errors: inverse.map((row, i) => Math.sqrt(row[i]!)), dependent };
}

function isSmall(
  update: readonly number[],
  coefficients: readonly number[],
  errors: readonly number[],
  tolerance: number,
): boolean {
  return update.every((value, i) => Math.abs(value) <= tolerance * (Math.abs(coefficients[i]!) + errors[i]!));
}

function requireLogistic(summary: LogisticSummary): void {
  const { columns, n, cases, coefficients, information, score, logLikelihood, iterations } = summary;
  requireCounts([n, cases, iterations], 'numbers of observations, cases and iterations');
  requireThat(n > 0 && cases <= n, 'a logistic regression needs observations, and no more cases than those');
  requireThat(
    columns.length > 0 && columns.length === coefficients.length && columns.length === score.length,
    'a regression needs one coefficient and one score for each column',
  );
  requireSymmetric(information, columns.length, 'the information');
  requireFinite([...coefficients, ...score, logLikelihood], 'coefficients and scores');
}
