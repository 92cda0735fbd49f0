import { laneLeaf } from '../lanes/encode.ts';
import { everyPair, type Outcome } from '../outcome.ts';
import type { CompiledRule } from '../rule/compile.ts';
import type { Shape } from '../rule/leaf.ts';
import type { Formula } from '../verdict/formula.ts';
import { type BilinearLeaf, type Bounds, laneWork, type ProgramLeaf } from './leaf.ts';
import { parseAllPairs } from './parse.ts';
import { isWhole, tileRows } from './tiles.ts';

/** A rule over all pairs of two tables. `allPairsPlan` makes the same plan of it everywhere. */
export interface AllPairsProgram extends Outcome {
  readonly protocol: 'link-all-pairs/1';
  readonly rows: readonly [a: number, b: number];
  readonly leaves: readonly ProgramLeaf[];
  /** A pair's verdict, over the leaves by number. */
  readonly verdict: Formula;
  /** Rows of a in a stage. */
  readonly tile: number;
}

/** The program of a rule for tables of these sizes; `plan-invalid` where they are empty or too large for all pairs. */
export function allPairsProgram(
  rule: CompiledRule,
  rowsA: number,
  rowsB: number,
  { cardinality, prefer, reveal, to }: Outcome = everyPair,
): AllPairsProgram {
  const leaves = rule.leaves.map(({ shape }, i) => (shape === undefined ? laneLeaf(rule, i) : bilinearLeaf(shape)));
  const nodes = laneWork(leaves);
  return parseAllPairs({
    protocol: 'link-all-pairs/1',
    rows: [rowsA, rowsB],
    leaves,
    verdict: rule.verdict,
    cardinality,
    // A row of a has as many first picks as best ones.
    prefer: reveal === 'count' && cardinality === 'many-to-one' ? 'first' : prefer,
    reveal,
    to,
    tile: tileRows(rowsA, rowsB, nodes, isWhole(cardinality, nodes)),
  });
}

function bilinearLeaf({ inner, ring, constant, product, entries, weight }: Shape): BilinearLeaf {
  const a = bounds(entries.a);
  const b = bounds(entries.b);
  return { inner, ring, constant: String(constant), product: bounds(product), entries: { a, b }, weight };
}

function bounds([lo, hi]: readonly [bigint, bigint]): Bounds {
  return [String(lo), String(hi)];
}
