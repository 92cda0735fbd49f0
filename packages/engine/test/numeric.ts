import { expect } from 'vitest';
import type { Fixed, Plan, Wire } from '../src/index.ts';
import { PlanBuilder, planCost, runClear } from '../src/index.ts';

/** Values of p0's wires in a plan that reveals one fixed-point result, all as integers in units of their fractions. */
export interface Column {
  readonly values: readonly bigint[];
  readonly range: readonly [bigint, bigint];
}

export function numericPlan(columns: readonly Column[], write: (b: PlanBuilder, wires: Wire[]) => Fixed): Plan {
  const b = new PlanBuilder(2);
  const wires = columns.map(({ values, range }, i) => b.input(`${i}`, i % 2, { ring: 64, size: values.length, range }));
  b.reveal(write(b, wires).wire, [0], 'result');
  return b.build();
}

export function numericInputs(columns: readonly Column[]): Record<string, Uint8Array> {
  return Object.fromEntries(columns.map(({ values }, i) => [i, new Uint8Array(BigInt64Array.from(values).buffer)]));
}

/** The results as float64, off by at most one part in 2^53. */
export function numbersOf(bytes: Uint8Array, fraction: number): number[] {
  return Array.from(new BigInt64Array(bytes.slice().buffer), (word) => Number(word) / 2 ** fraction);
}

/** Runs in the clear and compares each element. @returns rounds without the reveal */
export function expectNumeric(
  columns: readonly Column[],
  write: (b: PlanBuilder, wires: Wire[]) => Fixed,
  expected: (values: readonly bigint[]) => { value: number; error: number },
): number {
  let fraction = 0;
  let range: readonly [string, string] | undefined;
  const plan = numericPlan(columns, (b, wires) => {
    const result = write(b, wires);
    fraction = result.fraction;
    range = (b.type(result.wire) as { range?: readonly [string, string] }).range;
    return result;
  });
  const results = numbersOf(runClear(plan, numericInputs(columns)).result!, fraction);
  const [lo, hi] = range!.map((bound) => Number(bound) / 2 ** fraction) as [number, number];
  for (const [i, result] of results.entries()) {
    const { value, error } = expected(columns.map(({ values }) => values[i]!));
    if (!(Math.abs(result - value) <= error)) {
      expect.fail(`of ${columns.map(({ values }) => values[i]!)}: ${result}, not ${value} ± ${error}`);
    }
    if (!(lo <= result && result <= hi)) expect.fail(`${result} is not between ${lo} and ${hi}`);
  }
  return planCost(plan).rounds - 1;
}

/** Numbers of all sizes between two bounds, at powers of two and beside them, and random ones. */
export function spread(lo: bigint, hi: bigint, random: (bits: number) => bigint, count = 200): bigint[] {
  const powers = Array.from({ length: 63 }, (_, k) => 1n << BigInt(k)).flatMap((p) => [p - 1n, p, p + 1n]);
  const edges = [lo, hi, 0n, ...powers, ...powers.map((p) => -p)];
  const any = Array.from({ length: count }, () => {
    const bits = 1 + Number(random(16) % 63n);
    return random(16) % 2n === 0n ? random(bits) : -random(bits);
  });
  return [...edges, ...any].filter((x) => lo <= x && x <= hi);
}
