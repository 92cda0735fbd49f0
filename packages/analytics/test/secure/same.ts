import { expect } from 'vitest';
import type { Cell } from '../../src/index.ts';

/** Equal cells in any order; numbers up to rounding, as DuckDB updates variances value by value. */
export function expectCells(cells: readonly Cell[], wanted: readonly Cell[], what: string): void {
  const order = (all: readonly Cell[]) =>
    all.toSorted((x, y) => (JSON.stringify(x.keys) < JSON.stringify(y.keys) ? -1 : 1));
  const [own, other] = [order(cells), order(wanted)];
  const shape = ({ keys, suppressed }: Cell) => ({ keys, suppressed });
  expect(own.map(shape), what).toEqual(other.map(shape));
  for (const [i, { values }] of own.entries())
    for (const [j, value] of values.entries()) {
      const right = other[i]!.values[j]!;
      if (value === right) continue;
      const [x, y] = [Number(value ?? Number.NaN), Number(right ?? Number.NaN)];
      expect(Math.abs(x - y), `${what}: ${value} is not ${right}`).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(y)));
    }
}
