import type { OrderOps, Ptr } from './abi.ts';
import type { Arena } from './arena.ts';

export function orderOps(arena: Arena): OrderOps {
  const gather = (bytes: number) => (out: Ptr, x: Ptr, order: Ptr, n: number) => {
    for (const [i, at] of arena.u32(order, n).entries()) {
      arena.bytes(out + bytes * i, bytes).set(arena.bytes(x + bytes * at, bytes));
    }
  };
  return {
    gather8: gather(1),
    gather16: gather(2),
    gather32: gather(4),
    gather64: gather(8),
    exchangeRows(order, last, random, n) {
      const indices = arena.u32(order, last + 1);
      for (const number of arena.u32(random, n)) {
        if (last === 0) break;
        const bound = last + 1;
        const product = BigInt(number) * BigInt(bound);
        if (Number(BigInt.asUintN(32, product)) < 2 ** 32 % bound) continue;
        const other = Number(product >> 32n);
        [indices[last], indices[other]] = [indices[other]!, indices[last]!];
        last--;
      }
      return last;
    },
  };
}
