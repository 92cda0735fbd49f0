import type { CompiledRule } from '../rule/compile.ts';
import { type Shape, shapeOf } from '../rule/leaf.ts';
import type { Formula } from '../verdict/formula.ts';
import { parseAllPairs } from './parse.ts';
import { tileRows } from './tiles.ts';

/** Bounds of a signed number, as decimals. */
export type Bounds = readonly [lo: string, hi: string];

/** A comparison of all pairs: ⟨l(a), r(b)⟩ + constant ≥ 0 over vectors of `inner` numbers in Z_2^ring. */
export interface ProgramLeaf {
  readonly inner: number;
  readonly ring: 16 | 32 | 64;
  /** Negative: zero vectors (NULL) never reach 0. */
  readonly constant: string;
  /** Bounds of the inner product. */
  readonly product: Bounds;
  /** Bounds of the numbers in either side's vectors. */
  readonly entries: { readonly a: Bounds; readonly b: Bounds };
  /** How many numbers of a vector are not zero, at most. */
  readonly weight: number;
}

/** A rule over all pairs of two tables. `allPairsPlan` makes the same plan of it everywhere. */
export interface AllPairsProgram {
  readonly protocol: 'link-all-pairs/1';
  readonly rows: readonly [a: number, b: number];
  readonly leaves: readonly ProgramLeaf[];
  /** A pair's verdict, over the leaves by number. */
  readonly verdict: Formula;
  /** Rows of a in a stage. */
  readonly tile: number;
}

/**
 * The program of a rule for tables of these sizes. Throws `rule-unsupported` where a comparison has no bilinear form, `plan-invalid`
 * where the tables are empty or too large for all pairs.
 */
export function allPairsProgram(rule: CompiledRule, rowsA: number, rowsB: number): AllPairsProgram {
  return parseAllPairs({
    protocol: 'link-all-pairs/1',
    rows: [rowsA, rowsB],
    leaves: rule.leaves.map((leaf) => programLeaf(shapeOf(leaf))),
    verdict: rule.verdict,
    tile: tileRows(rowsA, rowsB),
  });
}

function programLeaf({ inner, ring, constant, product, entries, weight }: Shape): ProgramLeaf {
  const a = bounds(entries.a);
  const b = bounds(entries.b);
  return { inner, ring, constant: String(constant), product: bounds(product), entries: { a, b }, weight };
}

function bounds([lo, hi]: readonly [bigint, bigint]): Bounds {
  return [String(lo), String(hi)];
}
