import { canonicalBytes, hashLabelled } from '@symbolon/crypto';
import type { CompiledRule } from './rule/compile.ts';
import type { Formula } from './rule/formula.ts';

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
}

/**
 * What two parties and the key service agree to compute: numbers and shapes only, no text of the rule, nothing derived from records
 * but the table sizes. `linkPlan` makes the same plan of it everywhere.
 */
export interface LinkProgram {
  readonly protocol: 'link-all-pairs/1';
  readonly rows: readonly [a: number, b: number];
  readonly leaves: readonly ProgramLeaf[];
  /** A pair's verdict, over the leaves by number. */
  readonly verdict: Formula;
  /** Rows of a in a stage. */
  readonly tile: number;
}

/** Pairs that a stage compares at most, about. */
export const pairsPerTile = 2 ** 21;

/** The program of a rule for tables of these sizes. */
export function linkProgram(rule: CompiledRule, rowsA: number, rowsB: number): LinkProgram {
  return {
    protocol: 'link-all-pairs/1',
    rows: [rowsA, rowsB],
    leaves: rule.leaves.map(({ shape }) => ({
      inner: shape.inner,
      ring: shape.ring,
      constant: String(shape.constant),
      product: bounds(shape.product),
      entries: { a: bounds(shape.entries.a), b: bounds(shape.entries.b) },
    })),
    verdict: rule.verdict,
    tile: tileRows(rowsA, rowsB),
  };
}

/** Rows of a in a tile, so that pairs fill 128-bit words where they can. */
function tileRows(rowsA: number, rowsB: number): number {
  const most = Math.max(1, Math.floor(pairsPerTile / rowsB));
  if (most >= rowsA) return rowsA;
  let step = 128;
  for (let odd = rowsB; odd % 2 === 0 && step > 1; odd /= 2) step /= 2;
  return most < step ? most : most - (most % step);
}

/** The tiles: rows of a from `from`, `rows` of them. */
export function tilesOf(program: LinkProgram): { from: number; rows: number }[] {
  const [rowsA] = program.rows;
  return Array.from({ length: Math.ceil(rowsA / program.tile) }, (_, i) => {
    const from = i * program.tile;
    return { from, rows: Math.min(program.tile, rowsA - from) };
  });
}

/** 32 bytes that stand for the program in sessions, statements and logs. */
export function programHash(program: LinkProgram): Uint8Array {
  return hashLabelled('symbolon/link/program/1', canonicalBytes(program));
}

function bounds([lo, hi]: readonly [bigint, bigint]): Bounds {
  return [String(lo), String(hi)];
}
