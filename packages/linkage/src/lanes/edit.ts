import type { PlanBuilder, Wire } from '@symbolon/engine';
import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { bitsFor } from './bits.ts';
import type { LaneWires } from './circuit.ts';
import { CodeWriter, presentBits, writeSymbols } from './codes.ts';
import { conjunctions, disjunctions, notAll } from './logic.ts';
import type { EditLeaf } from './program.ts';

/*
 * Levenshtein's distance in the band |j − i| ≤ most (Ukkonen, "Algorithms for approximate string matching", Information and Control 64, 1985),
 * numbers in unary: S(v, i, k) says D(i, i + k) ≤ v, for v ≤ most. Diagonals do not fall, D(i − 1, j − 1) ≤ D(i, j), so that with
 *   X = S(v, i − 1, k), Y = S(v − 1, i − 1, k) ∨ S(v − 1, i − 1, k + 1) ∨ S(v − 1, i, k − 1), E = (a_i = b_j): Y ⇒ S ⇒ X, and
 *   S(v, i, k) = Y ∨ (E ∧ X) = Y ⊕ E ∧ (X ⊕ Y): two openings, rows + O(most) rounds.
 * Both texts go on for ever with one end symbol that equals itself. Ends may be taken out of an alignment at no cost, so that D(rows, rows + k)
 * is not below the distance where rows + k reaches b's length (and rows a's), and the one on the diagonal where both texts end is the distance:
 * distance ≤ most ⇔ ∨_k (S(most, rows, k) ∧ b's length ≤ rows + k), with a bit of b's owner for each k but the last.
 * A text that the positions cannot hold has none but strangers, which are rows > most differences, and so has a NULL.
 */

type Edit = Encoding & { kind: 'edit' };

const ended = 0;
const stranger = { a: 1, b: 2 };
const first = 3;

export function editLeaf({ lengths, alphabet, most, above }: Edit): EditLeaf {
  return {
    kind: 'edit',
    rows: Math.max(Math.min(lengths.a, lengths.b + most), most + 1),
    planes: bitsFor(BigInt([...alphabet].length + first)),
    most,
    above,
  };
}

/** Characters, a's turned; for each diagonal but the last whether the text ends by there; and whether values are there. */
export function encodeEdit(
  encoding: Edit,
  side: Side,
  local: Local,
  values: readonly unknown[],
): { symbols: Uint8Array; ends: Uint8Array; present: Uint8Array } {
  const { rows, planes, most } = editLeaf(encoding);
  const places = side === 'a' ? rows : rows + most;
  const writer = new CodeWriter(values.length, places, planes, side === 'a');
  const lengths = writeSymbols(writer, places, { first, stranger: stranger[side], ended }, local, values);
  for (const [row, length] of lengths.entries()) {
    if (length >= 0 && length <= places) continue;
    writer.clear(row);
    writer.fill(row, 0, stranger[side]);
  }
  const ends = new CodeWriter(values.length, 1, 2 * most, false);
  for (const [row, length] of lengths.entries()) ends.put(row, 0, lastBits(2 * most, length - rows + most));
  return { symbols: writer.rows, ends: ends.rows, present: presentBits(lengths) };
}

/** Ones from bit `from` on, of `width` bits. */
function lastBits(width: number, from: number): number {
  return from >= width ? 0 : (2 ** width - 1) & ~(2 ** Math.max(0, from) - 1);
}

/** A bit of the band: false outside it and before it begins. */
type Bit = Wire | boolean;

export function editCircuit(
  builder: PlanBuilder,
  { rows, planes, most, above }: EditLeaf,
  [a, b, ...more]: LaneWires,
): Wire {
  const diagonals = Array.from({ length: 2 * most + 1 }, (_, d) => d - most);
  const symbol = (of: readonly Wire[], position: number): readonly Wire[] =>
    of.slice((position - 1) * planes, position * planes);
  // level[v][k + most] at the row above.
  let level: Bit[][] = Array.from({ length: most + 1 }, (_, v) => diagonals.map((k) => k >= 0 && k <= v));
  for (let i = 1; i <= rows; i++) {
    const reached = diagonals.filter((k) => i + k >= 1);
    const equal = conjunctions(
      builder,
      reached.map((k) => {
        const other = symbol(b!, i + k);
        return symbol(a!, i).map((wire, plane) => builder.xor([wire, other[plane]!]));
      }),
    );
    const next: Bit[][] = [];
    for (let v = 0; v <= most; v++) {
      next[v] = diagonals.map((k, d): Bit => {
        if (i + k < 0 || Math.abs(k) > v) return false;
        if (i + k === 0) return i <= v;
        const fewer = v === 0 ? [] : [level[v - 1]![d]!, level[v - 1]![d + 1] ?? false, next[v - 1]![d - 1] ?? false];
        return step(builder, equal[reached.indexOf(k)]!, level[v]![d]!, any(builder, fewer));
      });
    }
    level = next;
  }
  const ends = most === 0 ? [] : more[0]!;
  const last = level[most]!.map((bit, d) => {
    if (typeof bit === 'boolean') throw new TypeError('rows are more than edits');
    return ends[d] === undefined ? bit : builder.and(bit, ends[d]);
  });
  const within = disjunctions(builder, [last])[0]!;
  const [x, y] = more.slice(-2);
  return above ? notAll(builder, [x![0]!, y![0]!], within) : within;
}

/** ∨ */
function any(builder: PlanBuilder, bits: readonly Bit[]): Bit {
  if (bits.includes(true)) return true;
  const wires = bits.filter((bit) => typeof bit !== 'boolean');
  return wires.length === 0 ? false : disjunctions(builder, [wires])[0]!;
}

/** Y ⊕ E ∧ (X ⊕ Y), where Y ⇒ X. */
function step(builder: PlanBuilder, equal: Wire, x: Bit, y: Bit): Bit {
  if (typeof y === 'boolean') {
    if (y || x === false) return y;
    return x === true ? equal : builder.and(equal, x);
  }
  if (x === false) throw new TypeError('a diagonal does not fall');
  const change = x === true ? builder.not(y) : builder.xor([x, y]);
  return builder.xor([y, builder.and(equal, change)]);
}
