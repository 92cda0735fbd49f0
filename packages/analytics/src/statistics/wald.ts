import { requireThat } from './check.ts';
import { type Distribution, normal, studentT } from './distributions.ts';
import type { Estimate, Interval, TestResult } from './result.ts';

/** Settings of every method. */
export interface MethodOptions {
  /** Of confidence intervals; 0.95 by default. */
  readonly level?: number | undefined;
}

/** The confidence level of the options. Throws `request-invalid` unless it lies between 0 and 1. */
export function levelOf({ level = 0.95 }: MethodOptions): number {
  requireThat(level > 0 && level < 1, 'a confidence level lies between 0 and 1');
  return level;
}

/** How many standard errors a two-sided interval reaches to either side. */
export function criticalValue(level: number, reference: Distribution = normal): number {
  return -reference.quantile((1 - level) / 2);
}

/** What is known about a parameter on the scale where it is about normal. */
export interface Parameter {
  readonly name: string;
  /** The estimate on the scale; null where it cannot be estimated. */
  readonly at: number | null;
  /** On the same scale; null or 0 where it is not known. */
  readonly standardError: number | null;
  readonly scale?: Estimate['scale'];
  /** Of Student's t; left out, the normal distribution is the reference. */
  readonly df?: number | undefined;
  readonly n: number;
  /** For the report's footnote. */
  readonly method: string;
}

/** Estimate ± critical value × standard error, and the test of 0, both on the parameter's scale (Wald). */
export function wald(parameter: Parameter, level: number): Estimate {
  const { name, at, standardError, scale = 'identity', df, n, method } = parameter;
  const back = scale === 'log' ? Math.exp : (value: number) => value;
  const known = { name, value: at === null ? null : back(at), scale, n };
  if (at === null || standardError === null || standardError === 0) {
    return { ...known, standardError: at === null ? null : standardError, interval: null, test: null };
  }
  const reference = df === undefined ? normal : studentT(df);
  const reach = criticalValue(level, reference) * standardError;
  const interval: Interval = { low: back(at - reach), high: back(at + reach), level, method };
  const statistic = at / standardError;
  const test: TestResult = {
    method,
    statistic: { name: df === undefined ? 'z' : 't', value: statistic },
    df: df === undefined ? [] : [df],
    p: 2 * reference.above(Math.abs(statistic)),
  };
  return { ...known, standardError, interval, test };
}

/**
 * The score interval of a share: E. B. Wilson, JASA 22 (1927) 209. It stays within 0 and 1 and is sound for small counts.
 * The standard error is that of Wald, √(p(1 − p)/n).
 */
export function share(name: string, count: number, n: number, level: number): Estimate {
  if (n === 0) return { name, value: null, scale: 'identity', standardError: null, interval: null, n, test: null };
  const value = count / n;
  const z = criticalValue(level);
  const centre = (value + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const reach = (z / (1 + (z * z) / n)) * Math.sqrt((value * (1 - value)) / n + (z * z) / (4 * n * n));
  return {
    name,
    value,
    scale: 'identity',
    standardError: Math.sqrt((value * (1 - value)) / n),
    interval: {
      low: count === 0 ? 0 : centre - reach,
      high: count === n ? 1 : centre + reach,
      level,
      method: 'Wilson',
    },
    n,
    test: null,
  };
}
