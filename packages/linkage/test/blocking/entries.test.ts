import { insecureTestRng, toEnd } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Entries, makeEntries } from '../../src/blocking/entries.ts';
import { capacityOf, entriesOf, leastEntries, type Sharding, shardingOf } from '../../src/blocking/shape.ts';
import { NONE } from '../../src/psi/keys.ts';
import { keysOf } from '../psi/run.ts';
import { skew, uniform } from '../psi/uniform.ts';

const slow = process.env.SLOW === '1';
const kernels = createKernels();
type Table = readonly (readonly (string | null)[])[];

function entriesOfTable(
  table: Table,
  side: 0 | 1,
  cap: number,
  sharding: Sharding,
  seed: string,
  run = 'run',
): Entries {
  const rows = table[0]!.length;
  const numbers = Uint32Array.from({ length: rows }, (_, i) => i);
  const [runKey, rng] = [insecureTestRng(run)(32), insecureTestRng(`${seed} ${side}`)];
  const made = makeEntries({ kernels, keys: table.map(keysOf), numbers, side, cap, sharding, runKey, rng });
  const entries = toEnd(made);
  kernels.arena.zeroise();
  return entries;
}

/** [key, rank of the other side, record] by digest, of all shards. */
function places(entries: Entries, cap: number, rows: number): Map<string, [number, number, number]> {
  const found = new Map<string, [number, number, number]>();
  const digests = Buffer.from(entries.digests);
  for (const [i, place] of entries.places.entries()) {
    if (place === NONE) continue;
    const slot = Math.floor(place / rows);
    found.set(digests.toString('hex', 32 * i, 32 * (i + 1)), [Math.floor(slot / cap), slot % cap, place % rows]);
  }
  return found;
}

const key = fc.option(fc.constantFrom('x', 'y', 'z', 'u', 'v', 'w'), { freq: 6 });
const column = fc.array(key, { minLength: 40, maxLength: 40 });
const table = fc.array(column, { minLength: 3, maxLength: 3 });

describe('entries', () => {
  test('of two records meet once for each key that both have and the cap lets in, and never else', () => {
    const property = fc.property(table, table, fc.integer({ min: 1, max: 9 }), fc.nat(), (a, b, cap, seed) => {
      const sharding: Sharding = { shards: 3, capacity: [leastEntries, leastEntries], bins: 1 };
      const [x, y] = [a, b].map((one, side) => entriesOfTable(one, side as 0 | 1, cap, sharding, `${seed}`));
      const [mine, theirs] = [places(x!, cap, 40), places(y!, cap, 40)];
      const met: string[] = [];
      for (const [digest, [of, , record]] of mine) {
        const other = theirs.get(digest);
        if (other === undefined) continue;
        expect(other[0]).toBe(of);
        met.push(`${of} ${record} ${other[2]}`);
      }
      expect(new Set(met).size).toBe(met.length);
      // A record has all its entries of a key, or none; of a block as many records have as the cap lets in.
      const takes = [mine, theirs].map((of) => {
        const entries = new Map<string, number>();
        for (const [index, , record] of of.values()) {
          const name = `${index} ${record}`;
          entries.set(name, (entries.get(name) ?? 0) + 1);
        }
        expect(new Set(entries.values()).size).toBeLessThanOrEqual(1);
        for (const count of entries.values()) expect(count).toBe(cap);
        return entries;
      });
      const expected: string[] = [];
      for (const [side, rows] of [a, b].entries()) {
        const cut = new Set<number>();
        for (const [index, values] of rows.entries()) {
          for (const value of new Set(values)) {
            const block = [...values.keys()].filter((row) => values[row] === value);
            const taking = block.filter((row) => takes[side]!.has(`${index} ${row}`));
            expect(taking.length).toBe(value === null ? 0 : Math.min(cap, block.length));
            if (value !== null) for (const row of block) if (!taking.includes(row)) cut.add(row);
          }
        }
        expect([x!, y!][side]!.cutRecords).toBe(cut.size);
      }
      for (const [index, values] of a.entries())
        for (const [row, value] of values.entries())
          for (const [other, theirs] of b[index]!.entries())
            if (
              value !== null &&
              value === theirs &&
              takes[0]!.has(`${index} ${row}`) &&
              takes[1]!.has(`${index} ${other}`)
            )
              expected.push(`${index} ${row} ${other}`);
      expect(met.toSorted()).toEqual(expected.toSorted());
    });
    fc.assert(property, { numRuns: slow ? 500 : 25 });
  });

  test('ranks are random in each block, and in each key anew: any record may be cut', () => {
    const rows = 24;
    const one: Table = [Array(rows).fill('x'), Array(rows).fill('x')];
    const sharding: Sharding = { shards: 1, capacity: [leastEntries, leastEntries], bins: 1 };
    const runs = slow ? 4000 : 400;
    const counts = Array.from({ length: 2 }, () => new Uint32Array(rows));
    let both = 0;
    for (let run = 0; run < runs; run++) {
      const taken = [new Set<number>(), new Set<number>()];
      for (const [index, , record] of places(entriesOfTable(one, 0, 6, sharding, `${run}`), 6, rows).values())
        taken[index]!.add(record);
      for (const [index, records] of taken.entries()) for (const record of records) counts[index]![record]!++;
      both += [...taken[0]!].filter((record) => taken[1]!.has(record)).length;
    }
    // Each is taken by a quarter of the runs; both keys take it by a sixteenth.
    const near = (count: number, n: number, p: number): void =>
      expect(Math.abs(count - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)));
    for (const count of counts) for (const taken of count) near(taken, runs, 1 / 4);
    near(both, runs * rows, 1 / 16);
  });

  test('another run shares none with this one, and digests are uniform', () => {
    const one: Table = [Array.from({ length: 500 }, (_, i) => `k${i}`)];
    const sharding: Sharding = { shards: 1, capacity: [leastEntries, leastEntries], bins: 1 };
    const [x, y, z] = ['this', 'this', 'another'].map((run) => entriesOfTable(one, 0, 8, sharding, 'seed', run));
    const digests = (of: Entries): string[] => [...places(of, 8, 500).keys()];
    expect(digests(x!)).toEqual(digests(y!));
    const known = new Set(digests(x!));
    expect(digests(z!).filter((digest) => known.has(digest))).toEqual([]);
    expect(skew(x!.digests)).toBeLessThan(uniform);
  });
});

describe('capacity', () => {
  /** ln P[X > most] of a binomial X: n entries, each in a shard with probability 1 / shards. */
  function lnTail(n: number, shards: number, most: number): number {
    const p = 1 / shards;
    let [lnChoose, tail] = [0, 0];
    for (let k = 1; k <= most; k++) lnChoose += Math.log((n - k + 1) / k);
    const first = lnChoose + most * Math.log(p) + (n - most) * Math.log1p(-p);
    // Terms fall from here on: each is the one before times a factor below 1.
    for (let k = most, term = 1; k < n && term > 1e-9; k++) {
      term *= (((n - k) / (k + 1)) * p) / (1 - p);
      tail += term;
    }
    return first + Math.log(tail);
  }

  test('is exceeded in any shard of either side with probability 2^-40 at most, exactly', () => {
    const bits: number[] = [];
    for (const n of [8200, 40_000, 300_000, 2 ** 21, 16_000_000]) {
      for (const shards of [2, 3, 8, Math.ceil(n / 2 ** 17)]) {
        if (shards < 2 || n / shards < leastEntries / 2) continue;
        const both = Math.LN2 + Math.log(shards) + lnTail(n, shards, capacityOf(n, shards));
        bits.push(-both / Math.LN2);
      }
    }
    expect(Math.min(...bits)).toBeGreaterThan(40);
    // The bound is no waste: two bits in three are needed.
    expect(Math.min(...bits)).toBeLessThan(60);
  });

  test('smaller ones are exceeded as often as that says', () => {
    const [rows, shards] = [2000, 4];
    const one: Table = [Array.from({ length: rows }, (_, i) => `k${i}`)];
    const runs = slow ? 5000 : 400;
    for (const capacity of [545, 560]) {
      const sharding: Sharding = { shards, capacity: [capacity, capacity], bins: 1 };
      let exceeded = 0;
      for (let run = 0; run < runs; run++) {
        try {
          entriesOfTable(one, 0, 1, sharding, 'seed', `${capacity} ${run}`);
        } catch {
          exceeded++;
        }
      }
      const expected = runs * shards * Math.exp(lnTail(rows, shards, capacity));
      expect(expected).toBeGreaterThan(1);
      expect(Math.abs(exceeded - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  test('is that of all entries in one shard, and in several bounds their sum with room', () => {
    const sizes = fc.record({
      rows: fc.tuple(fc.integer({ min: 1, max: 10 ** 6 }), fc.integer({ min: 1, max: 10 ** 6 })),
      keys: fc.integer({ min: 1, max: 8 }),
      cap: fc.integer({ min: 1, max: 16 }),
    });
    fc.assert(
      fc.property(sizes, (of) => {
        const { shards, capacity } = shardingOf(of);
        for (const [side, n] of entriesOf(of).entries()) {
          expect(capacity[side]! * shards).toBeGreaterThanOrEqual(n);
          if (shards === 1) expect(capacity[side]).toBe(Math.max(leastEntries, n));
          else expect(capacity[side]! * shards).toBeLessThan(Math.max(1.2 * n, leastEntries * shards) + shards);
        }
      }),
    );
  });

  test('a shard that overflows ends the attempt', () => {
    const one: Table = [Array.from({ length: 100 }, (_, i) => `k${i}`)];
    const sharding: Sharding = { shards: 2, capacity: [40, 40], bins: 1 };
    expect(() => entriesOfTable(one, 0, 1, sharding, 'seed')).toThrow(/more entries than its capacity/);
  });
});
