import type { Ptr } from '../algebra.ts';
import { ringAlgebra } from '../algebra.ts';
import type { RepeatNode, TileNode, WireType } from '../plan/types.ts';
import { byteLength } from '../plan/types.ts';
import { localOperation } from './linear.ts';
import type { LocalContext, Operation } from './operation.ts';

/*
 * Copies of elements. Bits that do not fill whole bytes go through words of 16 bits, one a bit: the unused bits of a last byte are then left behind.
 */

type RingType = WireType & { kind: 'ring' };
const words16 = (size: number): RingType => ({ kind: 'ring', bits: 16, size });

/** The first `bytes` at x over and over, up to `total`: what is there is doubled. */
function tileBytes({ abi }: LocalContext, out: Ptr, x: Ptr, bytes: number, total: number): void {
  const copy = (to: Ptr, from: Ptr, length: number): void => abi.copy16(to, 16, from, 16, Math.ceil(length / 16));
  copy(out, x, bytes);
  for (let done = bytes; done < total; done *= 2) copy(out + done, out, Math.min(done, total - done));
}

function tileWords(context: LocalContext, type: RingType, x: Ptr, times: number): Ptr {
  const out = context.temp({ ...type, size: type.size * times });
  tileBytes(context, out, x, byteLength(type), byteLength(type) * times);
  return out;
}

/** `times` rows of the vector, read by columns. */
function repeatWords(context: LocalContext, type: RingType, x: Ptr, times: number): Ptr {
  const rows = tileWords(context, type, x, times);
  const out = context.temp({ ...type, size: type.size * times });
  ringAlgebra(context.abi, type.bits).transpose(out, rows, times, type.size);
  context.release(rows);
  return out;
}

/** Packed bits to words, through `map`, and the lowest bits back. */
function throughWords(context: LocalContext, size: number, x: Ptr, total: number, map: (words: Ptr) => Ptr): Ptr {
  const { spread16, slice16 } = context.abi;
  const words = context.temp(words16(size));
  spread16(words, x, size);
  const mapped = map(words);
  const out = context.temp({ kind: 'bits', size: total });
  slice16(out, 0, mapped, total, 0, 1);
  context.release(words);
  context.release(mapped);
  return out;
}

/** 0 and 1 as no bits and all bits of a word. */
function wholeWords({ abi, temp }: LocalContext, size: number, x: Ptr): Ptr {
  const [bits, words] = [temp(words16(size)), temp(words16(size))];
  abi.spread16(bits, x, size);
  abi.fill16(words, 0, size);
  abi.axpy16(words, bits, -1, size);
  return words;
}

export const repeat: Operation<RepeatNode> = localOperation({
  clear: ({ times }, [input]) => input!.flatMap((value) => Array<bigint>(times).fill(value)),
  apply({ in: [wire], times }, context, [x]) {
    const type = context.type(wire!);
    const { size } = type;
    if (type.kind === 'ring') return repeatWords(context, type, x!, times);
    if (times % 16 === 0) return repeatWords(context, words16(size), wholeWords(context, size, x!), times / 16);
    return throughWords(context, size, x!, size * times, (words) => repeatWords(context, words16(size), words, times));
  },
});

export const tile: Operation<TileNode> = localOperation({
  clear: ({ times }, [input]) => Array.from({ length: times }, () => input!).flat(),
  apply({ in: [wire], out: [result], times }, context, [x]) {
    const type = context.type(wire!);
    const { size } = type;
    if (type.kind === 'ring') return tileWords(context, type, x!, times);
    // Eight copies fill whole bytes, however many bits a copy has.
    const first = size % 8 === 0 ? 1 : Math.min(8, times);
    const copies = (words: Ptr): Ptr => tileWords(context, words16(size), words, first);
    const bits = first === 1 ? x! : throughWords(context, size, x!, size * first, copies);
    const tiled = context.type(result!);
    const out = context.temp(tiled);
    tileBytes(context, out, bits, Math.ceil((size * first) / 8), byteLength(tiled));
    return out;
  },
});
