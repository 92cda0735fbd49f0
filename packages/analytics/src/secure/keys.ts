import type { BoundKey, BoundStudy } from '../sql/index.ts';

type Keyed = Pick<BoundStudy, 'keys' | 'nodes' | 'tables' | 'joins' | 'cells'>;

/** Most values of a local key that its owner spells out, a bit each. */
const mostHot = 64;

/**
 * How GROUP BY is computed where the values of all keys are known: of one key, `left`, each value is a line of a matrix of 0 and 1; those of the
 * others, in their product, mask the columns that it is multiplied by.
 */
export interface KeyPlan {
  /** Local nodes that their owner gives one-hot. */
  readonly hot: readonly number[];
  /** Place of the left key among the keys; −1 without keys. */
  readonly left: number;
  /** Values of the left key, and of the others together. */
  readonly lines: number;
  readonly rest: number;
}

/** Most cells of one hub party for which a matrix costs less than a sort. */
const mostMatrix = 256;

/** Whether cells are found by sorting rows: their keys are not known before, or too many. */
export function isSorted({ cells, tables, joins }: Keyed): boolean {
  return cells === null || (cells > mostMatrix && joins.length > 0 && tables[0]!.parties.length === 1);
}

export function keyPlan(bound: Keyed): KeyPlan {
  const { keys, nodes, tables, cells } = bound;
  const isLocal = ({ node }: BoundKey, hub: boolean): boolean => {
    const of = nodes[node]!;
    return of.op === 'local' && (!hub || of.table === tables[0]!.alias);
  };
  const hot = keys.filter(
    (key) => key.size !== null && (isLocal(key, true) || (isLocal(key, false) && key.size <= mostHot)),
  );
  // Its owner's one-hot words cost no conversion.
  const own = keys.filter((key) => key.size !== null && isLocal(key, true));
  const candidates = own.length > 0 ? own : keys;
  const left = candidates.reduce<BoundKey | undefined>(
    (best, key) => (best === undefined || (key.size ?? 0) > (best.size ?? 0) ? key : best),
    undefined,
  );
  const lines = left?.size ?? 1;
  return {
    hot: isSorted(bound) ? [] : [...new Set(hot.map(({ node }) => node))],
    left: left === undefined ? -1 : keys.indexOf(left),
    lines,
    rest: (cells ?? lines) / lines,
  };
}

/** Where the cells of known keys stand in the wires: `place[cell]`, cells numbered with the first key slowest. */
export function cellPlaces(bound: Keyed): number[] {
  const { left, lines } = keyPlan(bound);
  const sizes = bound.keys.map(({ size }) => size!);
  return Array.from({ length: bound.cells! }, (_, cell) => {
    let [rest, line, weight] = [0, 0, 1];
    let remaining = cell;
    for (let i = sizes.length - 1; i >= 0; i--) {
      const digit = remaining % sizes[i]!;
      remaining = Math.floor(remaining / sizes[i]!);
      if (i === left) line = digit;
      else {
        rest += weight * digit;
        weight *= sizes[i]!;
      }
    }
    return rest * lines + line;
  });
}
