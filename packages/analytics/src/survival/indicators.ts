import type { PlanBuilder, Wire } from '@symbolon/engine';

/** Most bits of which `indicators` are made: what a sum of products has as factors. */
export const INDICATOR_BITS = 4;

/**
 * Of the number that some bits write, lowest first: one bit for each of its values, which is 1 at the value. One round.
 * Every indicator is a sum of products of the bits (Möbius), so only the products are opened: x = a is ⊕ over S ⊇ ones(a) of ∏_{k∈S} x_k.
 */
export function indicators(b: PlanBuilder, bits: readonly Wire[]): Wire[] {
  const sets = Array.from({ length: 1 << bits.length }, (_, set) => set);
  const factors = (set: number): Wire[] => bits.filter((_, k) => (set >> k) & 1);
  const products = sets.filter((set) => factors(set).length > 1);
  const opened = products.length === 0 ? [] : b.products(products.map((set) => [{ factors: factors(set) }]));
  const monomial = (set: number): Wire =>
    factors(set).length === 1 ? factors(set)[0]! : opened[products.indexOf(set)]!;
  return sets.map((value) => {
    const above = sets.filter((set) => set !== 0 && (set & value) === value);
    return b.xor(above.map(monomial), value === 0 ? 1 : 0);
  });
}
