/**
 * Incomplete gamma and beta functions, to about 1e-13 relative. Their prefactors are Poisson and binomial terms in Loader's
 * saddle-point form, which does not lose digits where the arguments are large:
 * C. Loader, Fast and Accurate Computation of Binomial Probabilities (2000).
 */

const lnTwoPi = Math.log(2 * Math.PI);

/** ln Γ(x + 1) − ((x + ½) ln x − x + ½ ln 2π), for x > 0: Stirling's series from 16 on, below by δ(x) = δ(x + 1) + (x + ½) ln(1 + 1/x) − 1. */
function stirlingError(x: number): number {
  let error = 0;
  let at = x;
  for (; at < 16; at++) error += (at + 0.5) * Math.log1p(1 / at) - 1;
  const square = at * at;
  return error + (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / at;
}

/** x ln(x/mean) + mean − x, without cancellation where both are close. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = (x - mean) / (x + mean);
  let sum = (x - mean) * v;
  let power = 2 * x * v;
  for (let j = 1; ; j++) {
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
}

/** meanˣ e^−mean / Γ(x + 1), for real x ≥ 0. */
function poissonTerm(x: number, mean: number): number {
  if (x === 0) return Math.exp(-mean);
  return Math.exp(-stirlingError(x) - deviance(x, mean)) / Math.sqrt(2 * Math.PI * x);
}

/**
 * Γ(n + 1) / (Γ(x + 1) Γ(n − x + 1)) · pˣ qⁿ⁻ˣ for real 0 ≤ x ≤ n.
 * @param q 1 − p, given apart because the caller may know it more exactly
 */
export function binomialTerm(x: number, n: number, p: number, q: number): number {
  if (p === 0) return x === 0 ? 1 : 0;
  if (q === 0) return x === n ? 1 : 0;
  if (x === 0) return Math.exp(n * (p < 0.5 ? Math.log1p(-p) : Math.log(q)));
  if (x === n) return Math.exp(n * (q < 0.5 ? Math.log1p(-q) : Math.log(p)));
  const exponent =
    stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q);
  return Math.exp(exponent - (lnTwoPi + Math.log(x) + Math.log((n - x) / n)) / 2);
}

/** b₀ + a₁/(b₁ + a₂/(b₂ + …)) by the modified Lentz method: Thompson and Barnett, J. Comput. Phys. 64 (1986) 490. */
function continuedFraction(b0: number, a: (i: number) => number, b: (i: number) => number): number {
  const tiny = 1e-300;
  let value = b0 === 0 ? tiny : b0;
  let c = value;
  let d = 0;
  for (let i = 1; ; i++) {
    d = b(i) + a(i) * d;
    c = b(i) + a(i) / c;
    if (d === 0) d = tiny;
    if (c === 0) c = tiny;
    d = 1 / d;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15 || i === 1_000_000) return value;
  }
}

/** P(a, x) = γ(a, x)/Γ(a) and Q = 1 − P, both without cancellation in the tails. a > 0, x ≥ 0. */
export function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (x === 0) return { lower: 0, upper: 1 };
  if (x === Infinity) return { lower: 1, upper: 0 };
  const term = poissonTerm(a, x);
  if (x < a + 1) {
    // Abramowitz and Stegun 6.5.29
    let sum = 1;
    for (let i = 1, power = 1; power > sum * 1e-17; i++) {
      power *= x / (a + i);
      sum += power;
    }
    return { lower: term * sum, upper: 1 - term * sum };
  }
  // Abramowitz and Stegun 6.5.31, contracted
  const fraction = continuedFraction(
    x + 1 - a,
    (i) => -i * (i - a),
    (i) => x + 2 * i + 1 - a,
  );
  const upper = (term * a) / fraction;
  return { lower: 1 - upper, upper };
}

/**
 * The regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 ≤ x ≤ 1: the continued fraction of A. DiDonato and A. Morris,
 * Algorithm 708, ACM TOMS 18 (1992) 360, which keeps its digits where a and b differ by many orders.
 * @param y 1 − x, given apart because the caller may know it more exactly
 */
export function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x === 0) return 0;
  if (y === 0) return 1;
  const margin = a * y - b * x;
  if (margin < 0) return 1 - incompleteBeta(y, x, b, a);
  const fraction = continuedFraction(
    (a * (margin + 1)) / (a + 1),
    (m) => ((a + m - 1) * (a + b + m - 1) * m * (b - m) * x * x) / (a + 2 * m - 1) ** 2,
    (m) => m + (m * (b - m) * x) / (a + 2 * m - 1) + ((a + m) * (margin + 1 + m * (1 + y))) / (a + 2 * m + 1),
  );
  return (binomialTerm(a, a + b, x, y) * a * b) / (a + b) / fraction;
}
