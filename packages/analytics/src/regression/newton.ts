import { type Fixed, type PlanBuilder, rescale, sigmoid, type Wire } from '@symbolon/engine';
import { log2Above, PROBABILITY, type ScaledDesign } from './design.ts';
import { FRACTION, fixedProduct, identity, inverse, inverseRoot, type Square } from './matrices.ts';

/*
 * Iteratively reweighted least squares (P. McCullagh, J. Nelder, Generalized Linear Models, 1989, §2.5): θ ← θ + (XᵀWX)⁻¹ Xᵀ(y − p).
 *
 * Everything is brought to where its bounds are known. With |x̂| ≤ 1 and N, p rounded up to powers of two, S = XᵀX/Np has eigenvalues in [0, 1]. Z ≈
 * S^(−1/2) whitens the columns, once: however near to collinear they are, Z·(4XᵀWX/Np)·Z has eigenvalues in [0, 1], since 4w ≤ 1, and of moderate
 * weights not far below 1. Its inverse V is taken in each iteration. A column that depends on the others gets eigenvalues near 0, and
 * bounded, meaningless coefficients; the information that opens at the end shows it.
 * An inverse that is only near is enough: it costs speed, not accuracy, as the fit ends where the score is 0.
 */

/** Fraction bits of θ. */
export const COEFFICIENT = 24;
/** Steps of the whitening, and of the inverse in each iteration. */
const WHITEN = 16;
const INVERT = 8;
/** Fraction bits of the matrix that is whitened, and of the score. */
const FINE = 30;
/** No iteration moves Xθ by more than this in any whitened direction: 8 on the logit scale, for one whose square over the lanes is Np. */
const LARGEST_STEP = 8n;
const STEP = 21;
/** Bits of |x̂·θ|: a whitened step of √13·8, times ‖Z‖ ≤ 1.5^16, times |x̂| ≤ √13, and up to 16 iterations. */
const PREDICTOR_BITS = 21;
export const MOST_ITERATIONS = 16;

/** What an iteration computes at θ, in units of the scaled columns. */
export interface NewtonStep {
  /** Linear predictors, one a lane, with PROBABILITY fraction bits. */
  readonly predictor: Wire;
  /** Probabilities of the outcome. */
  readonly probability: Wire;
  /** XᵀWX; 2·fraction + PROBABILITY fraction bits. */
  readonly information: Wire;
  /** Xᵀ(y − p); fraction + PROBABILITY fraction bits. */
  readonly score: Wire;
}

export interface Fit extends NewtonStep {
  readonly coefficients: Wire;
}

/** θ after so many iterations from 0, and the step there. An iteration is a stage of the plan, which bounds what of the answer key is held. */
export function fit(b: PlanBuilder, design: ScaledDesign, iterations: number): Fit {
  const { size, lanes, fraction, byColumn } = design;
  const bound = 1n << BigInt(log2Above(lanes) + 2 * fraction);
  const gram = b.matmul(byColumn, byColumn, { rows: size, cols: size, inner: lanes, range: [-bound, bound] });
  const scaled = rescale(b, { wire: gram, fraction: 2 * fraction + volume(design) }, FRACTION).wire;
  const whitening = inverseRoot(b, { size, wire: ridged(b, scaled, size) }, WHITEN);
  // At θ = 0 every weight is ¼, and V = 1.
  const twice = b.matmul(byColumn, b.linear([[2n, design.outcome]], -1n), { rows: size, cols: 1, inner: lanes });
  const start = { wire: twice, fraction: fraction + volume(design) - 1 };
  let coefficients = update(b, whitening, null, start, iterations === 1);
  b.stage();
  let here = stepAt(b, design, coefficients);
  for (let done = 2; done <= iterations; done++) {
    const weighted = inverse(b, whitened(b, design, whitening, here.information), INVERT);
    const score = { wire: here.score, fraction: fraction + PROBABILITY + volume(design) - 2 };
    coefficients = b.add(coefficients, update(b, whitening, weighted, score, done === iterations));
    b.stage();
    here = stepAt(b, design, coefficients);
  }
  return { ...here, coefficients };
}

/** log2 of N·p, each rounded up to a power of two. */
function volume({ lanes, size }: ScaledDesign): number {
  return log2Above(lanes) + log2Above(size);
}

/** As much on the diagonal as rounding may have taken away: no eigenvalue is below 0. */
function ridged(b: PlanBuilder, matrix: Wire, size: number): Wire {
  return b.add(matrix, identity(b, size, 16n, matrix));
}

/** Z·(4XᵀWX/Np)·Z. */
function whitened(b: PlanBuilder, design: ScaledDesign, { wire: z, size }: Square, information: Wire): Square {
  const square = { rows: size, cols: size, inner: size };
  const fraction = 2 * design.fraction + PROBABILITY + volume(design) - 2;
  const scaled = ridged(b, rescale(b, { wire: information, fraction }, FINE).wire, size);
  const half = fixedProduct(b, [z, scaled], square, { bound: FRACTION + FINE + 1, drop: FINE });
  return { size, wire: fixedProduct(b, [half, z], square, { bound: 2 * FRACTION + 1, drop: FRACTION }) };
}

/** Z·V·Z times 4·score/Np, what V makes of it held within LARGEST_STEP. @param score 4·score/Np */
function update(b: PlanBuilder, { wire: z, size }: Square, v: Square | null, score: Fixed, exact: boolean): Wire {
  const column = { rows: size, cols: 1, inner: size };
  const fine = rescale(b, score, FINE).wire;
  // The whitened residual has length 1 at most: 4 times it, 4.
  const residual = fixedProduct(b, [z, fine], column, { bound: FRACTION + FINE + 3, drop: FRACTION + FINE - 24 });
  const free =
    v === null
      ? b.truncate(residual, 24 - STEP)
      : fixedProduct(b, [v.wire, residual], column, { bound: FRACTION + 24 + INVERT + 3, drop: FRACTION + 24 - STEP });
  const step = clamped(b, free, LARGEST_STEP << BigInt(STEP));
  const most = 1n << BigInt(FRACTION + STEP + 15);
  const moved = b.matmul(z, step, { ...column, range: [-most, most] });
  return b.truncate(moved, FRACTION + STEP - COEFFICIENT, exact);
}

/** x, or ±limit where it is beyond. */
function clamped(b: PlanBuilder, x: Wire, limit: bigint): Wire {
  const [over, under] = [b.linear([[-1n, x]], limit), b.linear([[-1n, x]], -limit)];
  const [isOver, isUnder] = [b.lessThanZero(over), b.not(b.lessThanZero(under))];
  const cut = b.bitDot([isOver, isUnder], [over, under]);
  return b.linear(
    [
      [1n, x],
      [1n, cut],
    ],
    0n,
    [-limit, limit],
  );
}

function stepAt(b: PlanBuilder, design: ScaledDesign, coefficients: Wire): NewtonStep {
  const { size, lanes, fraction, byColumn, byLane, outcome } = design;
  const far = 1n << BigInt(PREDICTOR_BITS + fraction + COEFFICIENT);
  const products = b.matmul(byLane, coefficients, { rows: lanes, cols: 1, inner: size, range: [-far, far] });
  const predictor = b.truncate(products, fraction + COEFFICIENT - PROBABILITY);
  const unit = 1n << BigInt(PROBABILITY);
  const rounded = sigmoid(b, { wire: predictor, fraction: PROBABILITY }, PROBABILITY).wire;
  const probability = b.linear([[1n, rounded]], 0n, [-8n, unit + 8n]);
  const spread = b.multiply(probability, b.linear([[-1n, probability]], unit));
  const weights = b.linear([[1n, b.truncate(spread, PROBABILITY)]], 0n, [-16n, (unit >> 2n) + 16n]);
  const weighted = b.multiply(byColumn, b.tile(weights, size));
  const most = 1n << BigInt(log2Above(lanes) + 2 * fraction + PROBABILITY - 1);
  const shape = { rows: size, inner: lanes };
  const information = b.matmul(byColumn, weighted, { ...shape, cols: size, range: [-most, most] });
  const residual = b.linear([
    [unit, outcome],
    [-1n, probability],
  ]);
  return { predictor, probability, information, score: b.matmul(byColumn, residual, { ...shape, cols: 1 }) };
}
