import type { PlanBuilder } from '../builder.ts';
import type { Fixed } from './fixed.ts';
import { bounds, shift, within } from './fixed.ts';
import { Pieces } from './pieces.ts';
import { Polynomial, VARIABLE } from './polynomial.ts';

/** Coefficients of 1/(1 + e^−x) by powers of 2x − 2i − 1 for i ≤ x < i + 1; error 2^−21.9 (Remez). */
const ROWS: readonly (readonly number[])[] = [
  [0.6224590807, 0.1175017722, -0.007190046643, -0.002006898163, 0.0002605062182, 3.441530202e-5],
  [0.8175744711, 0.07457332226, -0.01184116947, 0.0003259480526, 0.0001945422428, -3.002063465e-5],
  [0.9241418774, 0.0350518328, -0.007434515274, 0.0008463398408, -2.181730546e-5, -9.648218859e-6],
  [0.9706877771, 0.01422650072, -0.003348263832, 0.000491645539, -4.556291572e-5, 1.68535142e-6],
  [0.9890130546, 0.005433114246, -0.001328382543, 0.000211624294, -2.419979329e-5, 1.9409789e-6],
  [0.9959298602, 0.002026786449, -0.0005025343711, 8.239166464e-5, -1.00607918e-5, 9.357699585e-7],
  [0.9984988168, 0.0007494647102, -0.0001867868525, 3.094457948e-5, -3.866208601e-6, 3.766913987e-7],
  [0.999447221, 0.0002762366867, -6.897623136e-5, 1.147075073e-5, -1.445064591e-6, 1.430945216e-7],
  [0.9997965729, 0.0001016928558, -2.541038822e-5, 4.231662124e-6, -5.347122207e-7, 5.325935038e-8],
  [0.9999251537, 3.742033448e-5, -9.352762287e-6, 1.558342204e-6, -1.971306158e-7, 1.967695535e-8],
  [0.9999724643, 1.376747449e-5, -3.441339217e-6, 5.73498819e-7, -7.257732861e-8, 7.250122855e-9],
  [0.99998987, 5.064947145e-6, -1.266085963e-6, 2.110077667e-7, -2.670742766e-8, 2.668711456e-9],
  [0.9999962734, 1.863313789e-6, -4.657789087e-7, 7.762939057e-8, -9.826158561e-9, 9.819725774e-10],
  [0.999998629, 6.854780651e-7, -1.713520968e-7, 2.855879429e-8, -3.614983152e-9, 3.612757422e-10],
  [0.9999994957, 2.521737246e-7, -6.30371318e-8, 1.050626602e-8, -1.329897123e-9, 1.329097373e-10],
];
const END = ROWS.length;

/** The polynomial from i to i + 1: σ(−x) = 1 − σ(x). */
function row(i: number): readonly number[] {
  if (i >= 0) return ROWS[i]!;
  return ROWS[-1 - i]!.map((c, k) => (k === 0 ? 1 - c : k % 2 === 0 ? -c : c));
}

/**
 * 1 / (1 + e^−x): 0 below −15, 1 from 15 on. Eight rounds, one more where x has more than 30 fraction bits; error 2^−21 and 3 units of 2^−fraction. A
 * comparison for every 1 of the range of x between −15 and 15.
 */
export function sigmoid(builder: PlanBuilder, x: Fixed, fraction: number): Fixed {
  const bits = Math.min(x.fraction, VARIABLE);
  const wire = shift(builder, x.wire, x.fraction - bits);
  const [lo, hi] = bounds(builder, wire).map((bound) => Number(bound >> BigInt(bits))) as [number, number];
  const first = Math.min(Math.max(lo, -END), END - 1);
  const last = Math.max(Math.min(hi, END - 1), first);
  const middle = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const [before, behind] = [lo < first, hi > last];
  const cuts = [...(before ? [first] : []), ...middle.slice(1), ...(behind ? [last + 1] : [])];
  const pieces = new Pieces(
    builder,
    wire,
    cuts.map((cut) => BigInt(cut) << BigInt(bits)),
  );
  const around = <T>(low: T, inner: readonly T[], high: T): T[] => [
    ...(before ? [low] : []),
    ...inner,
    ...(behind ? [high] : []),
  ];
  const flat = [0, 0, 0, 0, 0];
  const value = new Polynomial(around<readonly number[]>([0, ...flat], middle.map(row), [1, ...flat]), fraction);
  const centres = middle.map((i) => BigInt(2 * i + 1) << BigInt(VARIABLE));
  const [centre, ...coefficients] = pieces.look([around(0n, centres, 0n), ...value.tables]);
  const from = before ? 1 : 0;
  const inside = pieces.inside(from, from + middle.length - 1);
  const one = 1n << BigInt(VARIABLE);
  const u = builder.linear(
    [
      [1n << BigInt(VARIABLE + 1 - bits), inside],
      [-1n, centre!],
    ],
    0n,
    [-one, one],
  );
  const result = value.at(builder, u, coefficients);
  return { wire: within(builder, result, [-8n, (1n << BigInt(fraction)) + 8n]), fraction };
}
