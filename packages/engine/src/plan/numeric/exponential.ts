import type { PlanBuilder } from '../builder.ts';
import { times } from './divide.ts';
import type { Fixed } from './fixed.ts';
import { bounds, ceilDiv, shift, tooWide, within } from './fixed.ts';
import { PRECISION } from './inverse.ts';
import { normalise } from './normalise.ts';
import { Pieces } from './pieces.ts';
import { Polynomial, VARIABLE } from './polynomial.ts';

/** ⌊ln 2 · 2^80⌋ */
const LN2 = 837963523372001241319907n;

/** n · ln 2 with so many fraction bits. */
const ln2 = (n: number, bits: number): bigint => (BigInt(n) * LN2) >> BigInt(80 - bits);

/** √2 · e^(4u/11) for |u| ≤ 0.954; relative error 2^−29 (Remez). */
const EXP = [
  1.41421356316, 0.514259495917, 0.0935017083123, 0.0113333745107, 0.00103036058142, 0.000075305590652,
  0.00000452434402182,
];
/** Fraction bits of x in `exp`: 11/4 of it have those of a polynomial's variable. */
const ARGUMENT = VARIABLE - 2;

/** ln((3 + u)/4) for |u| ≤ 1; error 2^−25 (Remez). */
const LOG = [
  -0.287682081297, 0.33333308298, -0.0555551970781, 0.012348969354, -0.00308882607674, 0.000811478243521,
  -0.000222876663401, 0.0000800303727311, -0.0000246091646666,
];

/**
 * e^x. Ten rounds, one more where x has more than 28 fraction bits. Error: 2^−23 of the result and 2 units of 2^−fraction; results below half a unit
 * are 0. A comparison for every ln 2 of the range of x above that.
 *
 * @throws SymbolonError `plan-range` where e^x · 2^fraction may reach 2^60
 */
export function exp(builder: PlanBuilder, x: Fixed, fraction: number): Fixed {
  const wire = x.fraction > ARGUMENT ? shift(builder, x.wire, x.fraction - ARGUMENT) : x.wire;
  const missing = Math.max(0, ARGUMENT - x.fraction);
  const [lo, hi] = bounds(builder, wire).map((bound) => bound << BigInt(missing)) as [bigint, bigint];
  /** ⌊bound / ln 2⌋ */
  const exponent = (bound: bigint): number =>
    Number(((bound << BigInt(80 - ARGUMENT)) - (bound < 0n ? LN2 - 1n : 0n)) / LN2);
  const last = exponent(hi);
  if (last + fraction >= 60) {
    throw tooWide(`e^${hi >> BigInt(ARGUMENT)} does not fit with ${fraction} bits of fraction`);
  }
  // Below 2^lowest a result is less than half a unit.
  const lowest = -(fraction + 1);
  const first = Math.min(last, Math.max(exponent(lo), lowest));
  const vanishes = exponent(lo) < first;
  const exponents = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const cuts = exponents.map((n) => ceilDiv(ln2(n, ARGUMENT), 1n << BigInt(missing)));
  const pieces = new Pieces(builder, wire, cuts.slice(vanishes ? 0 : 1));
  const zero = vanishes ? [0n] : [];
  const [power, middle] = pieces.look([
    [...zero, ...exponents.map((n) => 1n << BigInt(n - first))],
    [...zero, ...exponents.map((n) => (ln2(n, ARGUMENT) + ln2(n + 1, ARGUMENT)) >> 1n)],
  ]);
  const inside = shift(builder, vanishes ? pieces.inside(1, exponents.length) : wire, -missing);
  const near = 1n << BigInt(VARIABLE);
  const terms = [[11n, inside] as const, [-11n, middle!] as const];
  const root = new Polynomial([EXP], PRECISION).at(builder, builder.linear(terms, 0n, [-near, near]));
  const unit = 1n << BigInt(PRECISION);
  const w = within(builder, root, [unit - 1024n, 2n * unit + 1024n]);
  const result = times(builder, power!, w, PRECISION - first - fraction);
  return { wire: within(builder, result, [-2n, (1n << BigInt(Math.max(0, last + 1 + fraction))) + 2n]), fraction };
}

/** ln y for y > 0. Ten rounds; error 2^−21 and 5 units of 2^−fraction. */
export function log(builder: PlanBuilder, y: Fixed, fraction: number): Fixed {
  const { mantissa, width, values } = normalise(builder, y.wire, 1, [(k) => ln2(k - y.fraction, fraction)]);
  const u = builder.linear([[1n, shift(builder, mantissa, width - VARIABLE - 2)]], -3n << BigInt(VARIABLE));
  return { wire: builder.add(new Polynomial([LOG], fraction).at(builder, u), values[0]!), fraction };
}
