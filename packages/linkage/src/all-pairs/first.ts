import type { PlanBuilder, Wire } from '@symbolon/engine';

/*
 * The first 1 of every column of a grid of bits, line by line, each line whole bytes. A tree: up, whether a group of lines has a 1; down,
 * whether the lines before a group have one (Brent, Kung, "A regular layout for parallel adders", 1982, with groups of up to four, as many as
 * one product takes). 2·⌈log4 lines⌉ rounds; about 1.7 bits opened and 5 of answer key a bit of the grid. Groups of two would take 2 and 2, in
 * twice the rounds.
 *
 * Lines are grouped by stride, as slices of one wire: "first" is in a fixed order of the lines, by the digits of their numbers from the lowest on.
 */

/** One level of the tree: where the lines of each part of its groups have no 1, and where no line of a group has one. */
interface Level {
  readonly clear: readonly Wire[];
  readonly none: Wire;
}

/** Sizes of the groups of each level, the lowest first, for a grid of `lines` or a little more: as few levels as four a group allow. */
export function groupsFor(lines: number): readonly number[] {
  let levels = 1;
  while (4 ** levels < lines) levels++;
  let best: readonly number[] = Array<number>(levels).fill(4);
  for (let twos = 0; twos <= levels; twos++) {
    for (let threes = 0; twos + threes <= levels; threes++) {
      const groups = Array.from({ length: levels }, (_, i) => (i < twos ? 2 : i < twos + threes ? 3 : 4));
      if (linesOf(groups) >= lines && linesOf(groups) < linesOf(best)) best = groups;
    }
  }
  return best;
}

/** Lines of the grid that has these groups. */
export function linesOf(groups: readonly number[]): number {
  return groups.reduce((product, group) => product * group, 1);
}

/** The way up. The last level's `none` is one line: where a column is empty. */
export function levelsOf(builder: PlanBuilder, grid: Wire, groups: readonly number[]): Level[] {
  let lines = grid;
  return groups.map((group) => {
    const size = builder.type(lines).size / group;
    const clear = Array.from({ length: group }, (_, k) => builder.not(builder.slice(lines, k * size, size)));
    const none = builder.and(...clear);
    lines = builder.not(none);
    return { clear, none };
  });
}

/** The way down: the grid with only the first 1 of each column. @param before one line: where nothing came before; everywhere, if absent */
export function firstOf(builder: PlanBuilder, levels: readonly Level[], before?: Wire): Wire {
  const [lowest, ...higher] = levels as [Level, ...Level[]];
  const reached = higher.reduceRight<Wire | undefined>(
    (above, level) => builder.concat(starts(builder, level, above)),
    before,
  );
  const edges = starts(builder, lowest, reached, [lowest.none]);
  return builder.concat(edges.slice(1).map((edge, k) => builder.xor([edges[k]!, edge])));
}

/** For each part of the groups, and for their ends where `none` is given: where nothing came before. */
function starts(builder: PlanBuilder, { clear }: Level, above: Wire | undefined, none: readonly Wire[] = []): Wire[] {
  const given = above === undefined ? [] : [above];
  const outputs = [...clear.slice(1).map((_, k) => clear.slice(0, k + 1)), none].filter(
    (factors) => factors.length > 0,
  );
  const products = builder.products(outputs.map((factors) => [{ factors: [...given, ...factors] }]));
  return [above ?? builder.xor([clear[0]!, clear[0]!], 1), ...products];
}
