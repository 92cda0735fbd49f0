/** What one key does to each pair: the rows of the own table that share the pair's value of it; 0 where the pair does not agree on it. */
export type KeyOnPairs = Uint32Array;

/**
 * The share of pairs that keys are expected to bring together under a cap. In a block of s rows a record is taken with probability
 * min(1, cap/s), and so is the other side's, whose blocks are taken to be as large; keys choose independently. Without a cap: Infinity.
 */
export function expectedRecall(keys: readonly KeyOnPairs[], pairs: number, cap: number): number {
  if (pairs === 0) return 0;
  const missed = new Float64Array(pairs).fill(1);
  for (const key of keys) miss(missed, key, cap);
  return 1 - missed.reduce((sum, one) => sum + one, 0) / pairs;
}

/** A set of keys, by their numbers in the order of choice, and what it is expected to find. */
export interface ChosenKeys {
  readonly keys: readonly number[];
  readonly recall: number;
}

/**
 * Keys chosen one by one, each the one that gains the most (all cost the same under one cap); none that gains less than `leastGain`.
 * Coverage is submodular, so a greedy set finds at least 1 − 1/e of what the best one of its size does (Nemhauser, Wolsey, Fisher 1978).
 */
export function chooseKeys(
  candidates: readonly KeyOnPairs[],
  { pairs, cap, most, leastGain }: { pairs: number; cap: number; most: number; leastGain: number },
): ChosenKeys {
  const missed = new Float64Array(pairs).fill(1);
  const chosen: number[] = [];
  while (chosen.length < most) {
    const gains = candidates.map((key, i) => (chosen.includes(i) ? 0 : gain(missed, key, cap)));
    const best = gains.reduce((at, one, i) => (one > gains[at]! ? i : at), 0);
    if (!((gains[best] ?? 0) >= leastGain * pairs && gains[best]! > 0)) break;
    chosen.push(best);
    miss(missed, candidates[best]!, cap);
  }
  return {
    keys: chosen,
    recall: expectedRecall(
      chosen.map((i) => candidates[i]!),
      pairs,
      cap,
    ),
  };
}

function miss(missed: Float64Array, key: KeyOnPairs, cap: number): void {
  for (let i = 0; i < missed.length; i++) missed[i]! *= 1 - meets(key[i]!, cap);
}

function gain(missed: Float64Array, key: KeyOnPairs, cap: number): number {
  let sum = 0;
  for (let i = 0; i < missed.length; i++) sum += missed[i]! * meets(key[i]!, cap);
  return sum;
}

function meets(size: number, cap: number): number {
  if (size === 0) return 0;
  return size <= cap ? 1 : (cap / size) ** 2;
}
