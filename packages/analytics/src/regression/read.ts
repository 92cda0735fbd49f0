import { fault } from '@symbolon/crypto';
import { intercept } from '../statistics/design.ts';
import type { LogisticSummary } from '../statistics/logistic-regression.ts';
import type { Note } from '../statistics/result.ts';
import { columnFraction, PROBABILITY, type Scaling } from './design.ts';
import { LIKELIHOOD } from './likelihood.ts';
import { COEFFICIENT } from './newton.ts';
import type { LogisticRule } from './open.ts';

/** A column as a report names it. */
export interface NamedColumn {
  readonly name: string;
  readonly scaling: Scaling;
  /** One unit of the column's words in the unit of the data: 0.01 for cents. 1 where left out. */
  readonly unit?: number | undefined;
}

/**
 * What `openLogistic` opened, in the units of the data; a note where there is nothing.
 *
 * @param bytes words of 64 bits, little-endian
 * @param lanes of the plan
 * @throws SymbolonError `request-invalid` where they are not of this shape
 */
export function readLogistic(
  bytes: Uint8Array,
  columns: readonly NamedColumn[],
  lanes: number,
  rule: LogisticRule,
): LogisticSummary | Note {
  const size = columns.length + 1;
  if (bytes.length !== 8 * (4 + 2 * size + size * size)) {
    throw fault('request-invalid', `a released regression of ${size} columns does not take ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = (count: number, fraction = 0): number[] =>
    Array.from({ length: count }, () => Number(view.getBigInt64(8 * at++, true)) / 2 ** fraction);
  const fraction = columnFraction(lanes);
  const [shown, n, cases] = next(3) as [number, number, number];
  const scaled = next(size, COEFFICIENT);
  const score = next(size, fraction + PROBABILITY);
  const information = next(size * size, 2 * fraction + PROBABILITY);
  const [logLikelihood] = next(1, LIKELIHOOD) as [number];
  if (shown === 0) {
    const text = `withheld: fewer than ${rule.minimum} patients with an outcome, or with a value and an outcome`;
    return { code: 'suppressed', text };
  }
  if (n === 0) return { code: 'empty', text: 'no observations' };

  // x = unit · (centre + 2^scale · x̂): the first row and column of this matrix, and its diagonal, are all there is.
  const centre = columns.map(({ scaling, unit = 1 }) => unit * Number(scaling.centre));
  const spread = columns.map(({ scaling, unit = 1 }) => unit * 2 ** scaling.scale);
  const raw = (values: readonly number[]): number[] =>
    values.map((value, j) => (j === 0 ? value : centre[j - 1]! * values[0]! + spread[j - 1]! * value));
  const rows = Array.from({ length: size }, (_, j) => raw(information.slice(j * size, (j + 1) * size)));
  const turned = rows[0]!.map((_, k) => raw(rows.map((row) => row[k]!)));
  const slopes = scaled.slice(1).map((value, j) => value / spread[j]!);
  return {
    columns: [intercept, ...columns.map(({ name }) => name)],
    n,
    cases,
    coefficients: [slopes.reduce((sum, slope, j) => sum - slope * centre[j]!, scaled[0]!), ...slopes],
    iterations: rule.iterations,
    information: turned,
    score: raw(score),
    logLikelihood,
  };
}
