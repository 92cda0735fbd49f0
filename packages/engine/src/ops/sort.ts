import type { Ptr } from '../algebra.ts';
import { algebra } from '../algebra.ts';
import { rowBits } from '../orders.ts';
import type { SortDigitNode, Wire, WireType } from '../plan/types.ts';
import type { ClearValue, Operation, PartyContext, Round } from './operation.ts';
import { peersOf } from './operation.ts';
import { dealPasses, passThrough } from './shuffle.ts';

/*
 * One digit of a stable radix sort (Asharov, Hamada, Ikarashi, Kikuchi, Nof, Pinkas, Takahashi, Tomida, "Efficient Secret-Shared Shuffle and Sort",
 * CCS 2022): row i goes to S_x(i) = #{j: x_j < x_i} + #{j ≤ i: x_j = x_i} − 1. These destinations and all columns are shuffled together; then the
 * destinations, now a uniform order whatever the keys, are opened, and every party puts its part of the columns in place.
 *
 * Departures, all of them because a dealer knows the masks. With x = Δ ⊕ λ, [x = v] = [λ = v ⊕ Δ]: shares of a digit's unit vector are shares of that of
 * λ at places that Δ says, and counting is local. S_v(i) − S_0(i) is opened under μ_v(i) as one masked wire for each v ≥ 1; then
 *   S_x(i) = S_0(i) + Σ_{v≥1} [λ_i = v ⊕ Δ_i]·opened_v(i) − μ_{λ⊕Δ}(i),  μ_0 = 0,
 * where the dealer has shared μ_{λ⊕δ}(i) for every δ ≥ 1, and the one of δ = 0 is what is left of Σ_v μ_v(i): one round, no product of two secrets.
 * p0's pass is the last of the shuffle: p0 alone gets −(the mask that is left on the destinations) and so opens them to all in that very pass. As
 * in `permute` nobody but p0 needs the shuffled Δ of the columns.
 */

const words = (size: number): WireType => ({ kind: 'ring', bits: 32, size });

/** One byte a row. */
const digitsOf = (rows: number): WireType => ({ kind: 'bits', size: 8 * rows });

interface Shape {
  /** Bits of a row of the key. */
  readonly keyBits: number;
  /** For each row one word for each digit but 0. */
  readonly block: WireType;
  /** One word a row. */
  readonly single: WireType;
}

function shapeOf({ in: [key], rows, width }: SortDigitNode, type: (wire: Wire) => WireType): Shape {
  return {
    keyBits: rowBits(type(key!), rows),
    block: words(rows * (2 ** width - 1)),
    single: words(rows),
  };
}

/** Every row's destination, under a mask, to p1, which shuffles first. Learns: masked values. */
function* destinations(
  node: SortDigitNode,
  context: PartyContext,
  { keyBits, block, single }: Shape,
): Generator<Round, Ptr, void> {
  const { abi, first } = context;
  const { rows, from, width } = node;
  const one = first ? 1 : 0;
  const [units, chosen] = [context.share(block), context.share(block)];
  const delta = context.temp(digitsOf(rows));
  abi.radixDigits(delta, context.masked(node.in[0]!).delta, rows, keyBits, from, width);
  const opening = context.opening(block);
  const zeros = context.temp(single);
  abi.radixCount(opening.delta, zeros, units, delta, one, rows, width);
  yield [opening];
  // Σ_δ μ_{λ⊕δ} is Σ_v μ_v, whatever λ.
  const { delta: opened, lambda: masks } = opening;
  const destination = context.opening(single).delta;
  abi.radixChoose(destination, zeros, units, chosen, masks, opened, delta, one, rows, width);
  for (const ptr of [units, chosen, delta, zeros, opened, masks]) context.release(ptr);
  yield [{ type: single, share: destination, to: [1] }];
  return destination;
}

/** p0's pass of the shuffle: it opens the destinations to all. @returns them, checked, and at p0 the columns that stand there */
function* openDestinations(
  context: PartyContext,
  [destinations, ...columns]: readonly { type: WireType; value: Ptr }[],
  rows: number,
): Generator<Round, { opened: Ptr; columns: Ptr[] }, void> {
  const { first, parties } = context;
  const { type, value } = destinations!;
  const unmask = context.given(type);
  const order = first ? context.freshOrder(rows) : 0;
  const moved = columns.map((column) => (first ? context.gather(column.type, column.value, order, rows) : 0));
  const opened = first ? context.gather(type, value, order, rows) : context.temp(type);
  if (first) algebra(context.abi, type).add(opened, opened, unmask, rows);
  // A wrong one may be any other party's work; of two it is the other's.
  if (first) context.requireOrder(opened, rows, parties === 2 ? 1 : undefined);
  context.release(order);
  yield [{ type, value: opened, from: 0, to: peersOf(0, parties) }];
  if (!first) context.requireOrder(opened, rows, 0);
  return { opened, columns: moved };
}

/** Runs at: every party. Learns: the shuffled destinations, a uniform order, and masked values. */
export const sortDigit: Operation<SortDigitNode> = {
  clear(node, [key, ...columns], type) {
    const { rows, from, width } = node;
    const bits = rowBits(type(node.in[0]!), rows);
    const digit = (row: number): number =>
      Array.from({ length: width }, (_, k) => Number(key![row * bits + from + k]!) << k).reduce((x, y) => x | y, 0);
    const order = Array.from({ length: rows }, (_, row) => row).sort((x, y) => digit(x) - digit(y) || x - y);
    return columns.map((column) => inOrder(column, order));
  },
  dealer(node, context) {
    const { abi } = context;
    const { rows, from, width } = node;
    const { keyBits, block, single } = shapeOf(node, context.type);
    const lambda = context.temp(digitsOf(rows));
    abi.radixDigits(lambda, context.lambda(node.in[0]!), rows, keyBits, from, width);
    const correction = context.temp(block);
    abi.radixUnits(correction, lambda, rows, width);
    context.correct(correction, block);
    const masks = context.mask(block);
    abi.radixChosen(correction, lambda, masks, rows, width);
    context.correct(correction, block);
    for (const ptr of [lambda, correction, masks]) context.release(ptr);
    const columns = node.in.slice(1).map((wire) => ({ type: context.type(wire), value: context.lambda(wire) }));
    const passed = dealPasses(context, [{ type: single, value: context.mask(single) }, ...columns], rows);
    const order = context.freshOrder(rows, 0);
    for (const [j, { type, value }] of passed.entries()) {
      const moved = context.gather(type, value, order, rows);
      context.release(value);
      if (j === 0) {
        const { fill, subtract } = algebra(context.abi, type);
        const unmask = context.temp(type);
        fill(unmask, 0n, rows);
        subtract(unmask, unmask, moved, rows);
        context.give(unmask, type);
        context.release(unmask);
      } else context.correct(moved, type);
      context.release(moved);
    }
    for (const wire of node.out) context.output(wire, context.mask(context.type(wire)));
  },
  *party(node, context) {
    const { first, type } = context;
    const { rows } = node;
    const shape = shapeOf(node, type);
    const destination = yield* destinations(node, context, shape);
    const columns = node.in.slice(1).map((wire) => ({ type: type(wire), value: context.masked(wire).delta }));
    const passed = yield* passThrough(context, [{ type: shape.single, value: destination }, ...columns], rows);
    const { opened, columns: moved } = yield* openDestinations(context, passed, rows);
    const place = context.inverse(opened, rows);
    const openings = columns.map(({ type }, j) => {
      const { add, subtract } = algebra(context.abi, type);
      let share = context.share(type);
      if (first) {
        subtract(moved[j]!, moved[j]!, share, type.size);
        share = moved[j]!;
      }
      const sorted = context.gather(type, share, place, rows);
      const opening = context.opening(type);
      (first ? add : subtract)(opening.delta, opening.delta, sorted, type.size);
      context.release(sorted);
      context.release(share);
      return opening;
    });
    yield openings;
    for (const [j, opening] of openings.entries()) context.output(node.out[j]!, opening);
  },
};

/** The rows of a column, each of as many elements as the column has for a row of the order. */
function inOrder(column: ClearValue, order: readonly number[]): bigint[] {
  const length = column.length / order.length;
  return order.flatMap((row) => column.slice(row * length, (row + 1) * length));
}
