import type { Ptr } from './abi.ts';
import type { CuckooOps } from './abi-link.ts';
import type { Arena } from './arena.ts';

const NONE = 0xffffffff;

export function cuckooOps(arena: Arena): CuckooOps {
  // SplitMix64 (Steele, Lea, Flood 2014).
  const next = (state: Ptr): bigint => {
    const word = arena.u64(state, 1);
    word[0]! += 0x9e3779b97f4a7c15n;
    let z = word[0]!;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
  const insert = (table: Ptr, bins: Ptr, first: number, evictions: number, state: Ptr): boolean => {
    let entry = first;
    let third: number | undefined;
    for (let left = evictions; ; left--) {
      const own = [...arena.u32(bins + 12 * entry, 3)];
      const slots = own.map((bin) => arena.u32(table + 4 * bin, 1));
      const free = slots.find(([taken]) => taken === NONE);
      if (free !== undefined) {
        free[0] = entry;
        return true;
      }
      if (left === 0) return false;
      const random = next(state) >> 32n;
      third = third === undefined ? Number((random * 3n) >> 32n) : (third + 1 + Number(random >> 31n)) % 3;
      const slot = slots[third]!;
      [slot[0], entry] = [entry, slot[0]!];
    }
  };

  return {
    cuckooCandidates(bins, hashes, n, third) {
      for (let i = 0; i < n; i++) {
        const own = Array.from(arena.u64(hashes + 32 * i, 3), (x, j) => j * third + Number((x * BigInt(third)) >> 64n));
        arena.u32(bins + 12 * i, 3).set(own);
      }
    },
    cuckooInsert(table, bins, from, to, evictions, state) {
      for (let i = from; i < to; i++) if (!insert(table, bins, i, evictions, state)) return i;
      return to;
    },
  };
}
