import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { setter, type Words } from './encode.ts';
import { eachSymbol, outside } from './symbols.ts';

/**
 * One-hot symbols of the common positions, the last symbol of each for "ended"; then, where one side may be longer, how often it has
 * ended beyond them; then the lift. Weights stand on side a.
 */
export function writePositions(
  words: Words,
  inner: number,
  encoding: Encoding & { kind: 'positions' },
  side: Side,
  local: Local,
  values: readonly unknown[],
): void {
  const { lengths, same, pad, firstPad, lift } = encoding;
  const symbols = [...encoding.alphabet].length + 1;
  const common = Math.min(lengths.a, lengths.b);
  const tail = Math.max(lengths.a, lengths.b) - common;
  const set = setter(words);
  const weights =
    side === 'a' ? { same, pad, firstPad, lift } : { same: 1n, pad: 1n, firstPad: 1n, lift: lift > 0n ? 1n : 0n };
  const put = hot(words, weights.same);
  const end = (row: number, length: number): void => {
    if (length < 0) return;
    const start = row * inner;
    for (let position = length; position < common; position++) {
      set(start + (position + 1) * symbols - 1, position === 0 ? weights.firstPad : weights.pad);
    }
    let at = start + common * symbols;
    if (tail > 0) {
      const ended = lengths[side] > common ? BigInt(common + tail - Math.max(length, common)) : 1n;
      set(at++, ended * (side === 'a' ? pad : 1n));
    }
    if (lift > 0n) set(at, weights.lift);
  };
  const write = (row: number, position: number, symbol: number): void => {
    if (symbol !== outside && position < common) put(row * inner + position * symbols + symbol);
  };
  eachSymbol(local, values, write, end);
}

function hot(words: Words, weight: bigint): (at: number) => void {
  if (words instanceof BigInt64Array) {
    return (at) => {
      words[at] = weight;
    };
  }
  const number = Number(weight);
  return (at) => {
    words[at] = number;
  };
}
