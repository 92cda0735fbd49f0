import type { Ptr } from '../algebra.ts';
import { algebra, ringAlgebra } from '../algebra.ts';
import type { ConcatNode, TransposeNode, WireType } from '../plan/types.ts';
import { byteLength } from '../plan/types.ts';
import { localOperation } from './linear.ts';
import type { LocalContext, Operation } from './operation.ts';

/* The same elements in another, public arrangement. */

const elementBytes = (type: WireType): number => (type.kind === 'bits' ? 2 : type.bits / 8);

function zeros(context: LocalContext, type: WireType): Ptr {
  const out = context.temp(type);
  algebra(context.abi, type).fill(out, 0n, type.size);
  return out;
}

/** One vector behind the other. */
export const concat: Operation<ConcatNode> = localOperation({
  clear: (_, inputs) => inputs.flat(),
  apply({ in: wires, out: [result] }, context, inputs) {
    const out = zeros(context, context.type(result!));
    let at = out;
    for (const [i, wire] of wires.entries()) {
      const bytes = byteLength(context.type(wire));
      if (inputs[i] !== 0) context.abi.copyRows(at, bytes, inputs[i]!, bytes, bytes, 1);
      at += bytes;
    }
    return out;
  },
});

/** Lines as columns, with zeros around. Bits go through words of 16 bits, one a bit. */
export const transpose: Operation<TransposeNode> = localOperation({
  clear({ rows, cols, lines, length }, [input]) {
    const at = (line: number, i: number): bigint => (line < cols && i < rows ? input![i * cols + line]! : 0n);
    return Array.from({ length: lines * length }, (_, k) => at(Math.floor(k / length), k % length));
  },
  apply({ in: [wire], out: [result], rows, cols, lines, length }, context, [x]) {
    const [type, to] = [context.type(wire!), context.type(result!)];
    const words = (size: number): WireType =>
      type.kind === 'bits' ? { kind: 'ring', bits: 16, size } : { ...type, size };
    const ring = ringAlgebra(context.abi, type.kind === 'bits' ? 16 : type.bits);
    const turned = context.temp(words(rows * cols));
    if (type.kind === 'bits') {
      const spread = context.temp(words(rows * cols));
      ring.spread(spread, x!, rows * cols);
      ring.transpose(turned, spread, rows, cols);
      context.release(spread);
    } else ring.transpose(turned, x!, rows, cols);
    const grid = zeros(context, words(lines * length));
    const [from, into] = [rows, length].map((elements) => elements * elementBytes(type)) as [number, number];
    context.abi.copyRows(grid, into, turned, from, from, cols);
    context.release(turned);
    if (type.kind !== 'bits') return grid;
    const out = context.temp(to);
    ring.slice(out, 0, grid, lines * length, 0, 1);
    context.release(grid);
    return out;
  },
});
