import { type LaneLeaf, laneNodes, lanePartsOf } from '../lanes/program.ts';

/** Bounds of a signed number, as decimals. */
export type Bounds = readonly [lo: string, hi: string];

/** A comparison of all pairs: ⟨l(a), r(b)⟩ + constant ≥ 0 over vectors of `inner` numbers in Z_2^ring. */
export interface BilinearLeaf {
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

/** As one bilinear form where there is one, else one pair a lane. */
export type ProgramLeaf = BilinearLeaf | LaneLeaf;

/** Nodes of the lanes of a pair. */
export function laneWork(leaves: readonly ProgramLeaf[]): number {
  return leaves.reduce((sum, leaf) => sum + (isBilinear(leaf) ? 0 : laneNodes(leaf)), 0);
}

export function isBilinear(leaf: ProgramLeaf): leaf is BilinearLeaf {
  return !('kind' in leaf);
}

/** Of what both sides put in, a row. */
export function rowBytes(leaf: ProgramLeaf): number {
  if (isBilinear(leaf)) return (leaf.inner * leaf.ring) / 8;
  return lanePartsOf(leaf).reduce((sum, part) => sum + (part.kind === 'word' ? part.ring : part.width) / 8, 0);
}
