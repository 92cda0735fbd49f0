import type { RunSide } from '../../src/blocking/side.ts';
import type { LinkResult } from '../../src/pairs.ts';
import { NONE } from '../../src/psi/keys.ts';
import type { SideTable } from './run.ts';

export type Couple = readonly [a: number, b: number];

/** All pairs of rows that have an entry in common: those that a run compares. */
export function candidates([a, b]: readonly [RunSide, RunSide], shards: number): Couple[] {
  const found = new Map<string, Couple>();
  for (let shard = 0; shard < shards; shard++) {
    const [x, y] = [entriesOf(a, shard), entriesOf(b, shard)];
    for (const [digest, row] of x) {
      const other = y.get(digest);
      if (other !== undefined) found.set(`${row},${other}`, [row, other]);
    }
  }
  return [...found.values()];
}

function entriesOf(side: RunSide, shard: number): Map<string, number> {
  const { digests, rows } = side.input(shard);
  const bytes = Buffer.from(digests);
  const entries = new Map<string, number>();
  for (const [i, row] of rows.entries())
    if (row !== NONE) entries.set(bytes.toString('hex', 32 * i, 32 * (i + 1)), row);
  return entries;
}

/** Of each row of a the first `most` of its partners, in the order of b's numbers. */
export function first(pairs: readonly Couple[], most: number, orderB: Uint32Array): Couple[] {
  const numberOf = new Uint32Array(orderB.length);
  for (const [number, row] of orderB.entries()) numberOf[row] = number;
  const taken = new Map<number, number>();
  return sorted(
    pairs
      .toSorted(([, x], [, y]) => numberOf[x]! - numberOf[y]!)
      .filter(([a]) => {
        const before = taken.get(a) ?? 0;
        taken.set(a, before + 1);
        return before < most;
      }),
  );
}

export function sorted(pairs: readonly Couple[]): Couple[] {
  return pairs.toSorted((x, y) => x[0] - y[0] || x[1] - y[1]);
}

/** The pairs of a result as rows of the tables. */
export function rowsOf(result: LinkResult, [a, b]: readonly [SideTable, SideTable]): Couple[] {
  if (result.kind !== 'pairs') throw new Error('no pairs');
  return sorted(Array.from(result.a, (number, i): Couple => [a.order[number]!, b.order[result.b[i]!]!]));
}
