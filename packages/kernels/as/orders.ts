// Orders of rows: u32 indices that belong to whoever runs this, or are public.

// @ts-ignore: decorator
@inline
function gather<T>(out: usize, x: usize, order: usize, n: usize): void {
  for (const end = order + (n << 2); order < end; order += 4, out += sizeof<T>()) store<T>(out, load<T>(x + <usize>load<u32>(order) * sizeof<T>()));
}

export function gather8(out: usize, x: usize, order: usize, n: usize): void { gather<u8>(out, x, order, n); }
export function gather16(out: usize, x: usize, order: usize, n: usize): void { gather<u16>(out, x, order, n); }
export function gather32(out: usize, x: usize, order: usize, n: usize): void { gather<u32>(out, x, order, n); }
export function gather64(out: usize, x: usize, order: usize, n: usize): void { gather<u64>(out, x, order, n); }

export function exchangeRows(order: usize, last: usize, random: usize, n: usize): usize {
  for (const end = random + (n << 2); last > 0 && random < end; random += 4) {
    const bound = <u32>last + 1, product = <u64>load<u32>(random) * <u64>bound, low = <u32>product;
    if (low < bound && low < (0 - bound) % bound) continue;
    const own = order + (last << 2), other = order + (<usize>(product >> 32) << 2), moved = load<u32>(own);
    store<u32>(own, load<u32>(other));
    store<u32>(other, moved);
    last--;
  }
  return last;
}
