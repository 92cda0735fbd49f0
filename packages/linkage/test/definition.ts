import {
  allPairsProgram,
  type BilinearLeaf,
  type CompiledRule,
  encodeLeaf,
  evaluate,
  type LocalTable,
} from '../src/index.ts';
import type { Encoding } from '../src/rule/leaf.ts';

type Holds = (i: number, j: number) => boolean;

/**
 * All pairs by the definition: ⟨l(a), r(b)⟩ + constant ≥ 0 in the ring of a leaf, edit distances by the table of Wagner and Fischer.
 * Throws where a bound of the program is broken.
 */
export function byDefinition(rule: CompiledRule, a: LocalTable, b: LocalTable): number[] {
  const program = allPairsProgram(rule, a.rows, b.rows);
  const leaves = rule.leaves.map(({ encoding }, index) =>
    encoding.kind === 'edit' ? edits(encoding, a, b) : form(rule, program.leaves[index] as BilinearLeaf, index, a, b),
  );
  const pairs: number[] = [];
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++)
      if (evaluate(rule.verdict, (leaf) => leaves[leaf]!(i, j))) pairs.push(i * b.rows + j);
  }
  return pairs;
}

function form(rule: CompiledRule, leaf: BilinearLeaf, index: number, a: LocalTable, b: LocalTable): Holds {
  const [left, right] = [
    words(encodeLeaf(rule, index, 'a', a), leaf.ring),
    words(encodeLeaf(rule, index, 'b', b), leaf.ring),
  ];
  for (const [side, entries] of [
    ['a', left],
    ['b', right],
  ] as const) {
    const [lo, hi] = leaf.entries[side].map(BigInt) as [bigint, bigint];
    if (entries.some((entry) => entry < lo || entry > hi)) throw new Error(`an entry of ${side} is out of bounds`);
    for (let at = 0; at < entries.length; at += leaf.inner)
      if (entries.slice(at, at + leaf.inner).filter((entry) => entry !== 0n).length > leaf.weight)
        throw new Error(`a vector of ${side} is heavier than ${leaf.weight}`);
  }
  const [lo, hi] = leaf.product.map(BigInt) as [bigint, bigint];
  return (i, j) => {
    let sum = 0n;
    for (let k = 0; k < leaf.inner; k++) {
      const factor = left[i * leaf.inner + k]!;
      if (factor !== 0n) sum += factor * right[j * leaf.inner + k]!;
    }
    if (sum < lo || sum > hi)
      throw new Error(`a product is out of bounds: ${sum} not in ${lo} … ${hi} (${rule.leaves[index]!.describe})`);
    return sum + BigInt(leaf.constant) >= 0n;
  };
}

function edits(
  { a: x, b: y, alphabet, most, above }: Encoding & { kind: 'edit' },
  a: LocalTable,
  b: LocalTable,
): Holds {
  return (i, j) => {
    const [s, t] = [a.columns[x]![i], b.columns[y]![j]];
    if (typeof s !== 'string' || typeof t !== 'string') return false;
    const [from, to] = [[...s], [...t]];
    let row = Array.from({ length: to.length + 1 }, (_, k) => k);
    for (const [m, symbol] of from.entries()) {
      const next = [m + 1];
      for (const [k, other] of to.entries()) {
        const same = symbol === other && alphabet.includes(symbol);
        next.push(Math.min(row[k + 1]! + 1, next[k]! + 1, row[k]! + (same ? 0 : 1)));
      }
      row = next;
    }
    return row.at(-1)! <= most !== above;
  };
}

function words(bytes: Uint8Array, ring: number): bigint[] {
  if (ring === 16) return Array.from(new Int16Array(bytes.buffer), BigInt);
  return ring === 32 ? Array.from(new Int32Array(bytes.buffer), BigInt) : Array.from(new BigInt64Array(bytes.buffer));
}
