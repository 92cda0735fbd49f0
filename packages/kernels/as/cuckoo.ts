// Cuckoo hashing with three candidate bins an entry, one in each third of the bins (Pagh, Rodler 2004; Fotakis, Pagh, Sanders, Spirakis
// 2005: three choices, random walk). Hashes are those of entries of whoever runs this, seen by nobody else: they steer branches and addresses.
const NONE: u32 = 0xffffffff;

/** The high half of x · range, for range < 2^32: as okvs.ts makes a start of a hash. */
// @ts-ignore: decorator
@inline
function scaled(x: u64, range: u64): u32 { return <u32>(((x >> 32) * range + (((x & 0xffffffff) * range) >> 32)) >> 32); }

/** SplitMix64 (Steele, Lea, Flood 2014). */
// @ts-ignore: decorator
@inline
function next(state: usize): u64 {
  let z = load<u64>(state) + 0x9e3779b97f4a7c15;
  store<u64>(state, z);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

export function cuckooCandidates(bins: usize, hashes: usize, n: usize, third: u32): void {
  for (; n > 0; n--, bins += 12, hashes += 32) {
    store<u32>(bins, scaled(load<u64>(hashes), third));
    store<u32>(bins, scaled(load<u64>(hashes, 8), third) + third, 4);
    store<u32>(bins, scaled(load<u64>(hashes, 16), third) + 2 * third, 8);
  }
}

export function cuckooInsert(table: usize, bins: usize, from: usize, to: usize, evictions: u32, state: usize): usize {
  for (let i = from; i < to; i++) {
    let entry = <u32>i, left = evictions, third: u32 = 3;
    while (true) {
      const own = bins + <usize>entry * 12, a = table + (<usize>load<u32>(own) << 2), b = table + (<usize>load<u32>(own, 4) << 2), c = table + (<usize>load<u32>(own, 8) << 2);
      const free = load<u32>(a) == NONE ? a : load<u32>(b) == NONE ? b : c;
      if (load<u32>(free) == NONE) {
        store<u32>(free, entry);
        break;
      }
      if (left-- == 0) return i;
      // Any of its bins, but not the one that it was just driven from.
      const random = <u32>(next(state) >> 32);
      third = third == 3 ? scaled(<u64>random << 32, 3) : (third + 1 + (random >> 31)) % 3;
      const taken = table + (<usize>load<u32>(own + (third << 2)) << 2), other = load<u32>(taken);
      store<u32>(taken, entry);
      entry = other;
    }
  }
  return to;
}
