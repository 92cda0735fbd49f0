import type { Outcome } from '../outcome.ts';

/** Pairs that a stage compares at most, about. */
export const pairsPerTile = 2 ** 21;

/** Pairs times nodes of their lanes in a stage at most, about: a node keeps a bit a pair or a little more. */
export const laneNodesPerTile = 2 ** 32;

/** Pairs among which a stage chooses at most, about; of scores, which are words. */
const pairsPerChoice = { first: 2 ** 25, best: 2 ** 23 };

/** A stage's rows of a: `rows` of them from `from`. */
export interface Tile {
  readonly index: number;
  readonly from: number;
  readonly rows: number;
}

/**
 * Rows of a in a tile, so that pairs fill 128-bit words where they can; whole bytes of bits (`whole`) where there are lanes, of `nodes`
 * nodes, or rows are picked.
 */
export function tileRows(rowsA: number, rowsB: number, nodes: number, whole = nodes > 0): number {
  const pairs = nodes === 0 ? pairsPerTile : Math.min(pairsPerTile, laneNodesPerTile / nodes);
  const most = Math.max(1, Math.floor(pairs / rowsB));
  if (most >= rowsA) return rowsA;
  if (whole) return Math.min(rowsA, Math.max(8, most - (most % 8)));
  let step = 128;
  for (let odd = rowsB; odd % 2 === 0 && step > 1; odd /= 2) step /= 2;
  if (most >= step) return most - (most % step);
  return step * rowsB <= 2 * pairsPerTile ? Math.min(step, rowsA) : most;
}

/** Whether the pairs of a tile fill whole bytes: where bits stand in lanes, of `nodes` nodes, or in lines among which rows are picked. */
export function isWhole(cardinality: Outcome['cardinality'], nodes: number): boolean {
  return nodes > 0 || cardinality !== 'many-to-many';
}

/** The tiles of a program. */
export function tilesOf(program: { readonly rows: readonly [number, number]; readonly tile: number }): Tile[] {
  const [rowsA] = program.rows;
  return Array.from({ length: Math.ceil(rowsA / program.tile) }, (_, i) => {
    const from = i * program.tile;
    return { index: i, from, rows: Math.min(program.tile, rowsA - from) };
  });
}

/** The tiles of a program, as many together as one stage chooses among. */
export function choicesOf(program: Parameters<typeof tilesOf>[0] & { readonly prefer: 'first' | 'best' }): Tile[][] {
  const tiles = tilesOf(program);
  const together = Math.max(1, Math.floor(pairsPerChoice[program.prefer] / (program.tile * program.rows[1])));
  return Array.from({ length: Math.ceil(tiles.length / together) }, (_, i) =>
    tiles.slice(i * together, (i + 1) * together),
  );
}
