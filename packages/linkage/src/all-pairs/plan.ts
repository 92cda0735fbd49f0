import { type Plan, PlanBuilder, type Wire } from '@symbolon/engine';
import { combine } from '../verdict/combine.ts';
import type { AllPairsProgram, Bounds, ProgramLeaf } from './program.ts';
import { tilesOf } from './tiles.ts';

/**
 * The plan of a program. Inputs `a/<leaf>` of party 0 and `b/<leaf>` of party 1 (row by row, `encodeLeaf`); then stage by stage some rows
 * of a against all rows of b; each reveals one bit a pair, `verdict/<tile>`, to both.
 */
export function allPairsPlan(program: AllPairsProgram): Plan {
  const builder = new PlanBuilder(2);
  const [rowsA, rowsB] = program.rows;
  const input = (side: 'a' | 'b', owner: number, rows: number): Wire[] =>
    program.leaves.map(({ inner, ring, entries }, leaf) =>
      builder.input(`${side}/${leaf}`, owner, { ring, size: rows * inner, range: interval(entries[side]) }),
    );
  const [a, b] = [input('a', 0, rowsA), input('b', 1, rowsB)];
  for (const [tile, { from, rows }] of tilesOf(program).entries()) {
    const below = program.leaves.map((leaf, i) => {
      const left = rows === rowsA ? a[i]! : builder.slice(a[i]!, from * leaf.inner, rows * leaf.inner);
      return compareAll(builder, leaf, left, b[i]!, rows, rowsB);
    });
    builder.reveal(combine(builder, program.verdict, below), [0, 1], verdictName(tile));
    builder.stage();
  }
  return builder.build();
}

export function verdictName(tile: number): string {
  return `verdict/${tile}`;
}

/** A bit a pair: whether the leaf is false. */
function compareAll(builder: PlanBuilder, leaf: ProgramLeaf, a: Wire, b: Wire, rows: number, cols: number): Wire {
  const { inner, weight } = leaf;
  const product = builder.matmul(a, b, { rows, cols, inner, range: interval(leaf.product), weights: [weight, weight] });
  return builder.lessThanZero(builder.linear([[1n, product]], BigInt(leaf.constant)));
}

function interval([lo, hi]: Bounds): [bigint, bigint] {
  return [BigInt(lo), BigInt(hi)];
}
