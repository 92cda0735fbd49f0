import { readU64, SymbolonError } from '@symbolon/crypto';
import { verdictBits } from './choice.ts';
import type { AllPairsProgram } from './program.ts';
import { tilesOf } from './tiles.ts';

/** The matching pairs of a tile as row numbers of a and b, from its revealed bits (packed from the lowest). */
export function* decodeVerdicts(
  program: AllPairsProgram,
  tile: number,
  bits: Uint8Array,
): Generator<readonly [a: number, b: number]> {
  const place = tilesOf(program)[tile];
  const cols = program.rows[1];
  const line = verdictBits(program);
  const pairs = (place?.rows ?? 0) * line;
  if (place === undefined || bits.length !== Math.ceil(pairs / 8))
    throw new SymbolonError('frame-shape', `tile ${tile} has not ${bits.length} bytes of verdicts`);
  for (let byte = 0; byte < bits.length; byte++) {
    for (let rest = bits[byte]!; rest !== 0; rest &= rest - 1) {
      const pair = byte * 8 + 31 - Math.clz32(rest & -rest);
      if (pair >= pairs || pair % line >= cols)
        throw new SymbolonError('frame-shape', `tile ${tile} has verdicts of no pair`);
      yield [place.from + Math.floor(pair / line), pair % line];
    }
  }
}

/** The number of pairs that a program reveals instead of them. */
export function decodeCount({ rows: [a, b] }: AllPairsProgram, bytes: Uint8Array): number {
  const count = readU64(bytes);
  if (count > BigInt(a) * BigInt(b)) throw new SymbolonError('frame-shape', 'more matches than pairs');
  return Number(count);
}
