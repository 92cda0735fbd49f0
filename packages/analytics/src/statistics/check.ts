import { fault } from '@symbolon/crypto';

/** Throws `request-invalid` unless every value is a count: an integer from 0 on. */
export function requireCounts(values: Iterable<number>, what: string): void {
  for (const value of values) {
    if (!Number.isSafeInteger(value) || value < 0) throw fault('request-invalid', `${what} must be counts`);
  }
}

/** Throws `request-invalid` at a value that is not a finite number. */
export function requireFinite(values: Iterable<number>, what: string): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw fault('request-invalid', `${what} must be finite numbers`);
  }
}

/** Throws `request-invalid` unless the rule holds; `rule` says what must hold. */
export function requireThat(holds: boolean, rule: string): void {
  if (!holds) throw fault('request-invalid', rule);
}

/** Throws `request-invalid` unless all columns are of one length. */
export function requireAligned(...columns: readonly (readonly unknown[])[]): void {
  requireThat(
    columns.every((column) => column.length === columns[0]!.length),
    'columns must have the same length',
  );
}

/** Throws `request-invalid` unless the matrix is `size` × `size`, finite and symmetric. */
export function requireSymmetric(matrix: readonly (readonly number[])[], size: number, what: string): void {
  requireThat(
    matrix.length === size && matrix.every((row) => row.length === size),
    `${what} must be ${size} × ${size}`,
  );
  for (const [i, row] of matrix.entries()) {
    requireFinite(row, what);
    const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
    requireThat(
      row.every((value, j) => close(value, matrix[j]![i]!)),
      `${what} must be symmetric`,
    );
  }
}
