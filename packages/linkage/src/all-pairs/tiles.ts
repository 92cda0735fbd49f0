/** Pairs that a stage compares at most, about. */
export const pairsPerTile = 2 ** 21;

/** A stage's rows of a: `rows` of them from `from`. */
export interface Tile {
  readonly from: number;
  readonly rows: number;
}

/** Rows of a in a tile, so that pairs fill 128-bit words where they can. */
export function tileRows(rowsA: number, rowsB: number): number {
  const most = Math.max(1, Math.floor(pairsPerTile / rowsB));
  if (most >= rowsA) return rowsA;
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
