import type { Abi, RingOps, Suffixed, Width } from './abi.ts';
import { Arena } from './arena.ts';
import type { Kernels } from './load.ts';
import { bitOps } from './twin-bits.ts';
import { hashOps } from './twin-blake3.ts';
import { cuckooOps } from './twin-cuckoo.ts';
import { fieldOps } from './twin-gf128.ts';
import { matchOps } from './twin-match.ts';
import { okvsOps } from './twin-okvs.ts';
import { orderOps } from './twin-orders.ts';
import { planeOps } from './twin-planes.ts';
import { radixOps } from './twin-radix.ts';
import { type Ring, ringOps } from './twin-ring.ts';
import { rowOps } from './twin-rows.ts';
import { digestOps } from './twin-sha256.ts';

/**
 * The kernels in plain TypeScript: what tests hold the WebAssembly against, and the readable statement of what each does. Slow,
 * and exact where the others round up: it writes n elements and no padding.
 */
export function createTwin(): Kernels {
  const arena = new Arena();
  const small = (width: 16 | 32): Ring<number> => {
    const wrap = width === 16 ? (x: number) => x & 0xffff : (x: number) => x >>> 0;
    return {
      width,
      zero: 0,
      one: 1,
      view: (ptr, n) => (width === 16 ? arena.u16(ptr, n) : arena.u32(ptr, n)),
      add: (x, y) => wrap(x + y),
      sub: (x, y) => wrap(x - y),
      mul: (x, y) => wrap(Math.imul(x, y)),
      wrap,
      bit: (x, k) => (x >>> k) & 1,
    };
  };
  const large: Ring<bigint> = {
    width: 64,
    zero: 0n,
    one: 1n,
    view: (ptr, n) => arena.u64(ptr, n),
    add: (x, y) => BigInt.asUintN(64, x + y),
    sub: (x, y) => BigInt.asUintN(64, x - y),
    mul: (x, y) => BigInt.asUintN(64, x * y),
    wrap: (x) => BigInt.asUintN(64, x),
    bit: (x, k) => Number((x >> BigInt(k)) & 1n),
  };
  const abi: Abi = {
    ...suffixed(ringOps(arena, small(16)), 16),
    ...suffixed(ringOps(arena, small(32)), 32),
    ...suffixed(ringOps(arena, large), 64),
    ...bitOps(arena),
    ...hashOps(arena),
    ...digestOps(arena),
    ...fieldOps(arena),
    ...okvsOps(arena),
    ...cuckooOps(arena),
    ...matchOps(arena),
    ...rowOps(arena),
    ...planeOps(arena),
    ...orderOps(arena),
    ...radixOps(arena),
  };
  return { abi, arena };
}

function suffixed<S, B extends Width>(ops: RingOps<S>, width: B): Suffixed<RingOps<S>, B> {
  return Object.fromEntries(Object.entries(ops).map(([name, op]) => [`${name}${width}`, op])) as Suffixed<
    RingOps<S>,
    B
  >;
}
