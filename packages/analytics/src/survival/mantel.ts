import { divide, divideEach, type PlanBuilder, type Wire } from '@symbolon/engine';
import { difference, type GroupRows } from './rows.ts';

/** Sums of the log-rank test (N. Mantel, Cancer Chemother. Rep. 50 (1966) 163), in fixed point. */
export interface MantelSums {
  /** Expected events of each group but the last. */
  readonly expected: Wire;
  readonly expectedFraction: number;
  /** Their covariance, row by row. */
  readonly covariance: Wire;
  readonly covarianceFraction: number;
}

export interface MantelFractions {
  readonly expected: number;
  readonly share: number;
}

/** As many bits as sums over `most` patients leave. */
export function mantelFractions(most: bigint): MantelFractions {
  const bits = most.toString(2).length;
  return { expected: Math.min(40, 60 - bits), share: Math.floor((59 - bits) / 2) };
}

/**
 * With d events among n at risk, E_g = Σ d·n_g/n and V_gh = Σ d(n − d)/(n − 1) · n_g/n · (δ_gh − n_h/n): every term has the factor d, so that what a division
 * makes of a time without anyone at risk counts nothing; of the last patient, n − d = 0. Some 20 rounds.
 */
export function mantelSums(b: PlanBuilder, groups: readonly GroupRows[], most: bigint): MantelSums {
  const fractions = mantelFractions(most);
  const total = (of: (group: GroupRows) => Wire): Wire =>
    b.linear(
      groups.map((group) => [1n, of(group)]),
      0n,
      [0n, most],
    );
  const d = total(({ events }) => events);
  const n = total(({ atRisk }) => atRisk);
  const times = b.type(n).size;
  const compared = groups.slice(0, -1).map(({ atRisk }) => ({ x: whole(atRisk), bound: 1n }));
  const shares = divideEach(b, compared, whole(b.linear([[1n, n]], 0n, [1n, most])), fractions.expected);
  const rest = divide(b, whole(difference(b, n, d, most)), whole(b.linear([[1n, n]], -1n, [1n, most])), {
    fraction: fractions.share,
    bound: 2n,
  });

  const size = compared.length;
  const side = (bound: bigint) => ({ inner: times, range: [-bound, bound] as const });
  const precise = b.concat(shares.map(({ wire }) => wire));
  const expected = b.matmul(precise, d, { rows: size, cols: 1, ...side((2n * most) << BigInt(fractions.expected)) });
  const share = b.truncate(precise, fractions.expected - fractions.share);
  const spread = b.truncate(b.multiply(b.tile(rest.wire, size), share), fractions.share);
  const weighted = b.multiply(b.tile(d, size), spread);
  const bound = (4n * most) << BigInt(2 * fractions.share);
  const cross = b.matmul(weighted, share, { rows: size, cols: size, ...side(bound) });
  const own = Array.from({ length: size }, (_, g) => b.sum(b.slice(weighted, g * times, times)));
  const covariance = b.linear(
    [
      [1n << BigInt(fractions.share), diagonal(b, own, [2n * most, fractions.share])],
      [-1n, cross],
    ],
    0n,
    [-bound, bound],
  );
  return {
    expected,
    expectedFraction: fractions.expected,
    covariance,
    covarianceFraction: 2 * fractions.share,
  };
}

const whole = (wire: Wire) => ({ wire, fraction: 0 });

/** Words on the diagonal of a square of zeros. */
function diagonal(b: PlanBuilder, words: readonly Wire[], [most, fraction]: readonly [bigint, number]): Wire {
  const bound = most << BigInt(fraction);
  const known = words.map((word) => b.linear([[1n, word]], 0n, [-bound, bound]));
  const gap = b.repeat(b.linear([[0n, known[0]!]]), words.length);
  return b.concat(known.flatMap((word, g) => (g === 0 ? [word] : [gap, word])));
}
