import { groupsFor } from '../../src/all-pairs/first.ts';

/** The place of a line among all: its digits in the groups' sizes, the lowest group's last. */
export function placeOf(line: number, groups: readonly number[]): number {
  const [group, ...higher] = groups;
  if (group === undefined) return 0;
  const size = higher.reduce((product, next) => product * next, 1);
  return placeOf(line % size, higher) * group + Math.floor(line / size);
}

type Pair = readonly [a: number, b: number];

/** Of the matching pairs of rows the first of each row of a, by the order of `rows` rows of b. */
export function manyToOne(pairs: readonly Pair[], rows: number): Pair[] {
  const groups = groupsFor(rows);
  return picks(
    pairs,
    ([a]) => a,
    ([, b]) => placeOf(b, groups),
  );
}

/** Pairs that are the first of their row of a and the first of their row of b. `places` of the rows of a. */
export function oneToOne(pairs: readonly Pair[], rowsB: number, placeOfA: (a: number) => number): Pair[] {
  const ofA = new Set(manyToOne(pairs, rowsB).map(String));
  return picks(
    pairs,
    ([, b]) => b,
    ([a]) => placeOfA(a),
  ).filter((pair) => ofA.has(String(pair)));
}

function picks(pairs: readonly Pair[], row: (pair: Pair) => number, place: (pair: Pair) => number): Pair[] {
  const first = new Map<number, Pair>();
  for (const pair of pairs) {
    const found = first.get(row(pair));
    if (found === undefined || place(pair) < place(found)) first.set(row(pair), pair);
  }
  return [...first.values()].sort(([a, b], [c, d]) => a - c || b - d);
}
