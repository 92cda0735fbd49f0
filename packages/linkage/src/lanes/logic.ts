import type { PlanBuilder, Wire } from '@symbolon/engine';

/**
 * ∧ of each group of bit wires, all groups level by level: ⌈log3 n⌉ rounds. A product of three takes 4 bits of answer key and an opened bit
 * and saves two wires; one of four would take 11 and save three, one of two 1 and save one: three take the least in all.
 */
export function conjunctions(builder: PlanBuilder, groups: readonly (readonly Wire[])[]): Wire[] {
  if (groups.every((group) => group.length === 1)) return groups.map(([wire]) => wire!);
  const split = groups.map(inThrees);
  const factors = split.flat().filter((part) => part.length > 1);
  const made = builder.products(factors.map((part) => [{ factors: part }]))[Symbol.iterator]();
  const next = (part: readonly Wire[]): Wire => (part.length === 1 ? part[0]! : made.next().value!);
  return conjunctions(
    builder,
    split.map((parts) => parts.map(next)),
  );
}

/** ∨ of each group. */
export function disjunctions(builder: PlanBuilder, groups: readonly (readonly Wire[])[]): Wire[] {
  const none = conjunctions(
    builder,
    groups.map((group) => group.map((wire) => builder.not(wire))),
  );
  return none.map((wire) => builder.not(wire));
}

/** In parts of at most three, of nearly one size. */
function inThrees(group: readonly Wire[]): Wire[][] {
  const parts = Math.ceil(group.length / 3);
  const bound = (part: number): number => Math.floor((part * group.length) / parts);
  return Array.from({ length: parts }, (_, part) => group.slice(bound(part), bound(part + 1)));
}

/** Both present and not all of `wires`: present_a ∧ present_b ∧ ¬∧ wires, at most two wires, one opening. */
export function notAll(builder: PlanBuilder, present: readonly [Wire, Wire], ...wires: readonly Wire[]): Wire {
  return builder.products([[{ factors: present }, { factors: [...present, ...wires] }]])[0]!;
}
