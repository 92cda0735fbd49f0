import type { PlanBuilder, Wire } from '@symbolon/engine';
import { weighCount } from '../lanes/count.ts';

/** Bits that are added up before there are words, so that these cost little; where there are so few bits, words cost less than rounds. */
const PARTS = 256;
const FEW = 2 ** 16;

/** How many of the bits are 1, as one word of 64 bits; of many, at some 5 bits of answer key a bit. */
export function countOf(builder: PlanBuilder, bits: Wire): Wire {
  const { size } = builder.type(bits);
  const part = size < FEW ? 0 : 8 * Math.floor(size / (8 * PARTS));
  const rest = size - PARTS * part;
  const words: Wire[] = [];
  if (part > 0) {
    const parts = Array.from({ length: PARTS }, (_, i) => builder.slice(bits, i * part, part));
    words.push(weighCount(builder, parts, 1n, 64));
  }
  if (rest > 0) words.push(builder.toRing(builder.slice(bits, PARTS * part, rest), 64));
  return sumOf(
    builder,
    words.map((word) => builder.sum(word)),
  );
}

export function sumOf(builder: PlanBuilder, words: readonly Wire[]): Wire {
  return builder.linear(words.map((word) => [1n, word] as const));
}
