import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { setter, type Words } from './encode.ts';
import { integerAt } from './table.ts';

type Bound = Encoding & { kind: 'linear' | 'quadratic' };

/** The coordinates of `linearShape` and `quadraticShape`. */
export function writeInterval(
  words: Words,
  encoding: Bound,
  side: Side,
  local: Local,
  values: readonly unknown[],
): void {
  const set = setter(words);
  const coordinates = encoding.kind === 'linear' ? linear(encoding, side) : quadratic(encoding, side);
  const inner = encoding.kind === 'linear' ? 2 : 3;
  for (let row = 0; row < values.length; row++) {
    const value = integerAt(local, values, row);
    if (value === undefined) continue;
    for (const [i, coordinate] of coordinates(value).entries()) set(row * inner + i, coordinate);
  }
}

function linear({ bound, above }: Encoding & { kind: 'linear' }, side: Side): (x: bigint) => bigint[] {
  if (side === 'b') return (x) => [1n, above ? x : -x];
  return (x) => [above ? x - bound + 1n : bound - x + 1n, 1n];
}

function quadratic({ low, high, outside }: Encoding & { kind: 'quadratic' }, side: Side): (x: bigint) => bigint[] {
  const sign = outside ? -1n : 1n;
  const own = (x: bigint): bigint => sign * (-x * x + (low + high) * x);
  if (side === 'b') return (x) => [x, 1n, own(x)];
  const shift = outside ? low * high : 1n - low * high;
  return (x) => [-2n * sign * x, own(x) + shift, 1n];
}
