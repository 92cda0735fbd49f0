import type { PlanBuilder, Wire } from '@symbolon/engine';

/**
 * `weight` · (how many of the bits are 1), as a word. Three bits of one place give way to their sum and their carry as long as there are three
 * (carry-save adders: Wallace, "A suggestion for a fast multiplier", 1964): an adder takes 3 bits of answer key and an opened bit, where the
 * bit that it saves would take a word. ⌈log_1.5 n⌉ rounds, about.
 */
export function weighCount(builder: PlanBuilder, bits: readonly Wire[], weight: bigint, ring: 16 | 32 | 64): Wire {
  let places: (readonly Wire[])[] = [bits];
  while (places.some((place) => place.length >= 3)) places = addThrees(builder, places);
  const terms = places.flatMap((place, i) => place.map((bit) => [weight << BigInt(i), bit] as const));
  return builder.weigh(terms, 0n, ring);
}

/** One layer of adders in every place, lowest first. */
function addThrees(builder: PlanBuilder, places: readonly (readonly Wire[])[]): Wire[][] {
  const threes = places.map((place) =>
    Array.from({ length: Math.floor(place.length / 3) }, (_, i) => place.slice(3 * i, 3 * i + 3) as [Wire, Wire, Wire]),
  );
  // x + y + z = (x ⊕ y ⊕ z) + 2·(xy ⊕ yz ⊕ zx)
  const carries = builder.products(
    threes.flat().map(([x, y, z]) => [{ factors: [x, y] }, { factors: [y, z] }, { factors: [z, x] }]),
  );
  let taken = 0;
  const next: Wire[][] = [...places.map((place, i) => place.slice(3 * threes[i]!.length)), []];
  for (const [i, place] of threes.entries()) {
    next[i]!.push(...place.map((three) => builder.xor(three)));
    next[i + 1]!.push(...carries.slice(taken, taken + place.length));
    taken += place.length;
  }
  return next;
}
