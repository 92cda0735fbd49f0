/**
 * The law of failures of a band OKVS. Take the rows by start. Reduced by the pivots so far, a row is uniform on the free slots of its
 * band: its pivot is the j-th of them with probability 2^−j, and with f free slots it fails with probability 2^−f. So the expected
 * number of failures of n keys is n · E[2^−f], with f from a queue: a slot goes by at each step, Poisson(ρ) rows come, ρ = n / starts.
 * Such a queue is longer than w with probability ~ e^(−θw), where ρ(e^θ − 1) = θ: λ = −log2 E[2^−f] = (θ / ln 2) · w + constant.
 * For ε = 0.1 the slope is 0.2708; w = (λ + 15.21) / 0.2691 is what implementations of the paper use.
 */
export type Uniform = () => number;

/** θ for ρ = 1 / (1 + expansion). */
export function exponent(expansion: number): number {
  let theta = 2 * expansion;
  for (let i = 0; i < 500; i++) theta = Math.log(1 + theta * (1 + expansion));
  return theta;
}

interface Cycle {
  rows: number;
  /** Σ 2^−f over the rows, times the likelihood ratio of what was tilted. */
  failures: number;
}

/**
 * One busy period. `tilted` draws arrivals from Poisson(ρe^θ), under which the band fills up, until nearly no slot is free, and weighs the
 * outcome by the likelihood ratio e^(−θ(k−1)) of each step with k arrivals: so periods that occur once in 2^70 are seen at all.
 */
function cycle(expansion: number, width: number, tilted: boolean, uniform: Uniform): Cycle {
  const theta = exponent(expansion);
  const taken = new Uint8Array(width);
  let [base, free, logWeight, tilt] = [0, width, 0, tilted];
  const result = { rows: 0, failures: 0 };
  do {
    const arrivals = poisson((tilt ? Math.exp(theta) : 1) / (1 + expansion), uniform);
    if (tilt) logWeight -= theta * (arrivals - 1);
    for (let i = 0; i < arrivals; i++) {
      result.rows++;
      result.failures += Math.exp(logWeight) * 2 ** -free;
      if (takeFree(taken, base, uniform)) free--;
    }
    if (free <= 6) tilt = false;
    // The band moves on by one slot, which leaves it, taken or not; a free one enters.
    if (taken[base] === 1) free++;
    taken[base] = 0;
    base = (base + 1) % width;
  } while (free < width);
  return result;
}

function takeFree(taken: Uint8Array, base: number, uniform: Uniform): boolean {
  for (let i = 0; i < taken.length; i++) {
    const slot = (base + i) % taken.length;
    if (taken[slot] === 1 || uniform() < 0.5) continue;
    taken[slot] = 1;
    return true;
  }
  return false;
}

function poisson(mean: number, uniform: Uniform): number {
  let k = 0;
  for (let product = uniform(); product > Math.exp(-mean); product *= uniform()) k++;
  return k;
}

/** −log2 of the expected failures per row, and the standard error of it in bits. */
export function bitsPerRow(
  expansion: number,
  width: number,
  cycles: number,
  uniform: Uniform,
): { bits: number; error: number } {
  let rows = 0;
  for (let i = 0; i < 10 * cycles; i++) rows += cycle(expansion, width, false, uniform).rows;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < cycles; i++) {
    const { failures } = cycle(expansion, width, true, uniform);
    sum += failures;
    squares += failures ** 2;
  }
  const mean = sum / cycles;
  const relative = Math.sqrt((squares / cycles / mean ** 2 - 1) / cycles);
  return { bits: Math.log2(rows / (10 * cycles) / mean), error: relative / Math.LN2 };
}
