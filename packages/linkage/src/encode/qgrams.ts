import type { Local } from '../rule/compile.ts';
import type { Encoding } from '../rule/leaf.ts';
import type { Side } from '../rule/value.ts';
import { setter, type Words } from './encode.ts';
import { outOfRange, textAt } from './table.ts';

/** The q-grams of every text, each once; an empty set where it has fewer than q characters, undefined where NULL. */
export function* qgramSets(local: Local, values: readonly unknown[], q: number): Generator<Set<string> | undefined> {
  const most = local.maxLength!;
  for (let row = 0; row < values.length; row++) {
    const text = textAt(local, values, row);
    const symbols = text === undefined ? [] : [...text];
    if (symbols.length > most)
      throw outOfRange(local, row, `has ${symbols.length} characters, more than the ${most} that the agreement allows`);
    const grams = new Set<string>();
    for (let i = 0; i + q <= symbols.length; i++) grams.add(symbols.slice(i, i + q).join(''));
    yield text === undefined ? undefined : grams;
  }
}

/** The set over all q-grams of the alphabet, one-hot; its size, a 1 for the other's; where equality counts, whether it is empty. */
export function writeQgrams(
  words: Words,
  inner: number,
  encoding: Encoding & { kind: 'qgrams' },
  side: Side,
  local: Local,
  values: readonly unknown[],
): void {
  const { alphabet, q, common, each, strict } = encoding;
  const place = placesOf(alphabet);
  const sizes = [...alphabet].length ** q;
  const set = setter(words);
  const own = side === 'a' ? 0 : 1;
  let start = 0;
  for (const grams of qgramSets(local, values, q)) {
    if (grams !== undefined) {
      for (const gram of grams) {
        const at = place(gram);
        if (at !== undefined) set(start + at, side === 'a' ? common : 1n);
      }
      const lift = side === 'a' ? 1n - strict : 0n;
      set(start + sizes + own, each * BigInt(grams.size) + lift);
      set(start + sizes + 1 - own, 1n);
      if (strict === 0n && grams.size === 0) set(start + sizes + 2, side === 'a' ? -1n : 1n);
    }
    start += inner;
  }
}

/** The number of a q-gram among all of an alphabet; undefined where it has another character. */
export function placesOf(alphabet: string): (gram: string) => number | undefined {
  const symbols = new Map([...alphabet].map((symbol, i) => [symbol, i]));
  return (gram) => {
    let place = 0;
    for (const symbol of gram) {
      const digit = symbols.get(symbol);
      if (digit === undefined) return undefined;
      place = place * symbols.size + digit;
    }
    return place;
  };
}
