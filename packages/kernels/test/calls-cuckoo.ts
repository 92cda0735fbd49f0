import type { MakeCall } from './calls.ts';

/** The kernels of cuckoo hashing. */
export const cuckooCalls: Record<string, MakeCall> = {
  cuckooCandidates(n, pick) {
    const third = pick(0, 1) === 0 ? pick(1, 2 * n) : pick(1, 2 ** 30);
    return {
      sizes: [12 * n, 32 * n],
      exact: true,
      run: ({ abi }, [bins, hashes]) => abi.cuckooCandidates(bins!, hashes!, n, third),
    };
  },
  // From nearly always possible to impossible, in two slices.
  cuckooInsert(n, pick) {
    const third = Math.max(1, Math.ceil((n * pick(95, 140)) / 300));
    const [evictions, cut] = [pick(0, 1) === 0 ? pick(0, 30) : 300, pick(0, n)];
    return {
      sizes: [4 * 3 * third, 12 * n, 32 * n, 8],
      exact: true,
      run({ abi, arena }, [table, bins, hashes, state]) {
        arena.u32(table!, 3 * third).fill(0xffffffff);
        abi.cuckooCandidates(bins!, hashes!, n, third);
        const placed = abi.cuckooInsert(table!, bins!, 0, cut, evictions, state!);
        return placed < cut ? placed : abi.cuckooInsert(table!, bins!, cut, n, evictions, state!);
      },
    };
  },
};
