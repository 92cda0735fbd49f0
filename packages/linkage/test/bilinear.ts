import { allPairsProgram, type CompiledRule, encodeLeaf, evaluate, type LocalTable } from '../src/index.ts';

/** All pairs by the definition: ⟨l(a), r(b)⟩ + constant ≥ 0 for every leaf, in its ring; throws where a bound of the program is broken. */
export function bilinear(rule: CompiledRule, a: LocalTable, b: LocalTable): number[] {
  const program = allPairsProgram(rule, a.rows, b.rows);
  const leaves = program.leaves.map((leaf, index) => {
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
    }
    const [lo, hi] = leaf.product.map(BigInt) as [bigint, bigint];
    return (i: number, j: number): boolean => {
      let sum = 0n;
      for (let k = 0; k < leaf.inner; k++) sum += left[i * leaf.inner + k]! * right[j * leaf.inner + k]!;
      if (sum < lo || sum > hi)
        throw new Error(`a product is out of bounds: ${sum} not in ${lo} … ${hi} (${rule.leaves[index]!.describe})`);
      return sum + BigInt(leaf.constant) >= 0n;
    };
  });
  const pairs: number[] = [];
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++)
      if (evaluate(program.verdict, (leaf) => leaves[leaf]!(i, j))) pairs.push(i * b.rows + j);
  }
  return pairs;
}

function words(bytes: Uint8Array, ring: number): bigint[] {
  if (ring === 16) return Array.from(new Int16Array(bytes.buffer), BigInt);
  return ring === 32 ? Array.from(new Int32Array(bytes.buffer), BigInt) : Array.from(new BigInt64Array(bytes.buffer));
}
