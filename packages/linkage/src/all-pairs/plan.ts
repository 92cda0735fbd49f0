import { type Plan, PlanBuilder, type Wire } from '@symbolon/engine';
import { leafCircuit } from '../lanes/circuit.ts';
import { pairBytes, pairInputs, pairWires } from '../lanes/pairs.ts';
import type { Side } from '../rule/value.ts';
import { choiceOf } from './choice.ts';
import { type BilinearLeaf, type Bounds, isBilinear } from './leaf.ts';
import type { AllPairsProgram } from './program.ts';
import { choicesOf, type Tile } from './tiles.ts';

/**
 * The plan of a program. Inputs `a/<leaf>` of party 0 and `b/<leaf>` of party 1 (`pairBytes`); then stage by stage some rows of a against
 * all rows of b. What is revealed, to those who learn: one bit a pair, `verdict/<tile>`, or `count`.
 *
 * @param choices the tiles, as many together as one stage chooses among
 */
export function allPairsPlan(program: AllPairsProgram, choices = choicesOf(program)): Plan {
  const builder = new PlanBuilder(2);
  const [rowsA, rowsB] = program.rows;
  const [a, b] = [inputs(builder, program, 'a'), inputs(builder, program, 'b')];
  const compare = (place: Tile): Wire[] =>
    program.leaves.map((leaf, i) => {
      if (!isBilinear(leaf)) {
        const wires = pairWires(builder, leaf, { a: a[i]!, b: b[i]! }, { a: rowsA, b: rowsB }, place);
        return builder.not(leafCircuit(builder, leaf, wires));
      }
      const { from, rows } = place;
      const all = a[i]![0]!;
      const left = rows === rowsA ? all : builder.slice(all, from * leaf.inner, rows * leaf.inner);
      return compareAll(builder, leaf, left, b[i]![0]!, rows, rowsB);
    });
  const choice = choiceOf(builder, program);
  for (const together of choices) {
    const kept = together.map((place) => {
      const wires = choice.keep(compare(place), place);
      builder.stage();
      return { place, wires };
    });
    choice.decide(kept);
    builder.stage();
  }
  choice.end();
  return builder.build();
}

/** Leaf by leaf, the inputs of one side. */
function inputs(builder: PlanBuilder, { leaves, rows }: AllPairsProgram, side: Side): (Wire | undefined)[][] {
  const owner = side === 'a' ? 0 : 1;
  return leaves.map((leaf, i) => {
    if (!isBilinear(leaf)) return pairInputs(builder, leaf, side, rows[owner], `${side}/${i}`);
    const shape = { ring: leaf.ring, size: rows[owner] * leaf.inner, range: interval(leaf.entries[side]) };
    return [builder.input(`${side}/${i}`, owner, shape)];
  });
}

/** What a side puts in for a leaf, by the names of the inputs. @param rows of `encodePairs` */
export function leafInputs(
  { leaves }: AllPairsProgram,
  leafIndex: number,
  side: Side,
  rows: readonly Uint8Array[],
): Record<string, Uint8Array> {
  const [leaf, name] = [leaves[leafIndex]!, `${side}/${leafIndex}`];
  return isBilinear(leaf) ? { [name]: rows[0]! } : pairBytes(leaf, side, rows, name);
}

/** A bit a pair: whether the leaf is false. */
function compareAll(builder: PlanBuilder, leaf: BilinearLeaf, a: Wire, b: Wire, rows: number, cols: number): Wire {
  const { inner, weight } = leaf;
  const product = builder.matmul(a, b, { rows, cols, inner, range: interval(leaf.product), weights: [weight, weight] });
  return builder.lessThanZero(builder.linear([[1n, product]], BigInt(leaf.constant)));
}

function interval([lo, hi]: Bounds): [bigint, bigint] {
  return [BigInt(lo), BigInt(hi)];
}
