/** A column that is a linear combination of others, as far as numbers can tell. */
export interface Dependence {
  readonly column: number;
  /** Columns it depends on; none if it is constantly 0. */
  readonly on: readonly number[];
}

export interface Swept {
  /** Inverse of the pivots' block. */
  readonly inverse: readonly (readonly number[])[];
  /** For each column after the pivots: coefficients of its least-squares regression on them. */
  readonly coefficients: readonly (readonly number[])[];
  /** What such a column has left, squared: its residual sum of squares. */
  readonly residuals: readonly number[];
  /** Pivots that could not be inverted; if there are any, the rest means nothing. */
  readonly dependent: readonly Dependence[];
}

/** What must remain of a column. */
export interface Tolerance {
  /**
   * Share of a column's square, 1 − R² about 0, that its regression on the columns before it must leave; less is collinear. 1e-10 by
   * default, which suits sums of doubles; sums in fixed point need a share above their rounding.
   */
  readonly remainder?: number | undefined;
}

/**
 * Regression of the later columns of a Gram matrix on its first `pivots` columns: J. Goodnight, A tutorial on the SWEEP operator,
 * The American Statistician 33 (1979) 149. Columns are brought to length 1 first.
 * @param gram symmetric, positive semidefinite
 */
export function sweep(
  gram: readonly (readonly number[])[],
  pivots = gram.length,
  { remainder = 1e-10 }: Tolerance = {},
): Swept {
  const length = gram.map((row, i) => Math.sqrt(Math.max(0, row[i]!)) || 1);
  const a = gram.map((row, i) => row.map((value, j) => value / length[i]! / length[j]!));
  const swept: number[] = [];
  const dependent: Dependence[] = [];
  for (let k = 0; k < pivots; k++) {
    const pivot = a[k]![k]!;
    if (!(pivot > remainder)) {
      dependent.push({ column: k, on: swept.filter((j) => Math.abs(a[k]![j]!) > 1e-4) });
      continue;
    }
    const row = [...a[k]!];
    for (const [i, other] of a.entries()) {
      for (const j of other.keys()) if (i !== k && j !== k) other[j]! -= (row[i]! * row[j]!) / pivot;
    }
    for (const [i, value] of row.entries()) {
      const scaled = i === k ? -1 / pivot : value / pivot;
      a[k]![i] = scaled;
      a[i]![k] = scaled;
    }
    swept.push(k);
  }
  const block = a.slice(0, pivots).map((row) => row.slice(0, pivots));
  const later = a.slice(pivots);
  return {
    inverse: block.map((row, i) => row.map((value, j) => -value / length[i]! / length[j]!)),
    coefficients: later.map((row, i) =>
      row.slice(0, pivots).map((value, k) => (value * length[pivots + i]!) / length[k]!),
    ),
    residuals: later.map((row, i) => Math.max(0, row[pivots + i]!) * length[pivots + i]! ** 2),
    dependent,
  };
}

/** The product of a matrix and a vector. */
export function times(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  return matrix.map((row) => dot(row, vector));
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
