/** Pairs that a stage compares at most, about. */
export const pairsPerTile = 2 ** 21;

/** Pairs times nodes of their lanes in a stage at most, about: a node keeps a bit a pair or a little more. */
export const laneNodesPerTile = 2 ** 32;

/** A stage's rows of a: `rows` of them from `from`. */
export interface Tile {
  readonly from: number;
  readonly rows: number;
}

/** Rows of a in a tile, so that pairs fill 128-bit words where they can; whole bytes of bits where there are lanes, of `nodes` nodes. */
export function tileRows(rowsA: number, rowsB: number, nodes: number): number {
  const pairs = nodes === 0 ? pairsPerTile : Math.min(pairsPerTile, laneNodesPerTile / nodes);
  const most = Math.max(1, Math.floor(pairs / rowsB));
  if (most >= rowsA) return rowsA;
  if (nodes > 0) return Math.min(rowsA, Math.max(8, most - (most % 8)));
  let step = 128;
  for (let odd = rowsB; odd % 2 === 0 && step > 1; odd /= 2) step /= 2;
  if (most >= step) return most - (most % step);
  return step * rowsB <= 2 * pairsPerTile ? Math.min(step, rowsA) : most;
}

/** The tiles of a program. */
export function tilesOf(program: { readonly rows: readonly [number, number]; readonly tile: number }): Tile[] {
  const [rowsA] = program.rows;
  return Array.from({ length: Math.ceil(rowsA / program.tile) }, (_, i) => {
    const from = i * program.tile;
    return { from, rows: Math.min(program.tile, rowsA - from) };
  });
}
