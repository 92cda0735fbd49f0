// Band OKVS over GF(2) with values of `blocks` times 128 bits: Bienstock, Patel, Seo, Yeo, "Near-Optimal Oblivious Key-Value Stores for Efficient
// PSI, PSU and Volume-Hiding Multi-Maps" (USENIX Security 2023), band width 256. A row is 64 bytes: 256 band bits, 8 bytes that give
// the start, the rest ignored. Everything here branches on and indexes by rows: hashes of keys of whoever runs it, seen by nobody else.

// Columns in a bucket of rows, and in the look-up window of a bucket: its own and those that its last row reaches.
const BUCKET: usize = 256;
// Bytes of the 16 sums of 4 neighbouring slots.
const SUMS: usize = 256;
// Rows that are fetched at a time: in a loop that does nothing else the cache misses overlap.
const BATCH: usize = 64;
// Where the value stands in a gathered row and in a pivot. A pivot: word 0, 8 bytes unused, words 1–4, the value. Words are those of the
// column's absolute position, so that rows are combined without shifts: column c is bit c & 63 of word 0.
const VALUE: usize = 48;

/** The first column: the row's hash times the number of possible starts, over 2^64. */
// @ts-ignore: decorator
@inline
function start(row: usize, slots: usize): usize {
  const h = load<u64>(row, 32), range = <u64>(slots - 255);
  return <usize>(((h >> 32) * range + (((h & 0xffffffff) * range) >> 32)) >> 32);
}

export function okvsCount(heads: usize, rows: usize, n: usize, slots: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const p = heads + ((start(rows + (i << 6), slots) >> 8) << 2);
    store<u32>(p, load<u32>(p) + 1);
  }
}

export function okvsScatter(pairs: usize, heads: usize, rows: usize, first: usize, n: usize, slots: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const s = start(rows + (i << 6), slots), p = heads + ((s >> 8) << 2), at = load<u32>(p);
    store<u32>(p, at + 1);
    store<u64>(pairs + (<usize>at << 3), <u64>(first + i) | (<u64>s << 32));
  }
}

/** The low byte of a pair's start. */
// @ts-ignore: decorator
@inline
function low(pair: usize): usize { return <usize>load<u8>(pair, 4); }

export function okvsSort(order: usize, pairs: usize, heads: usize, from: usize, to: usize, work: usize): void {
  for (let b = from; b < to; b++) {
    const end = <usize>load<u32>(heads + (b << 2));
    let begin: usize = 0;
    if (b > 0) begin = <usize>load<u32>(heads + (b << 2) - 4);
    memory.fill(work, 0, 4 * BUCKET);
    for (let i = begin; i < end; i++) {
      const p = work + (low(pairs + (i << 3)) << 2);
      store<u32>(p, load<u32>(p) + 1);
    }
    let place = <u32>begin;
    for (let at: usize = 0; at < 4 * BUCKET; at += 4) {
      const count = load<u32>(work + at);
      store<u32>(work + at, place);
      place += count;
    }
    for (let i = begin; i < end; i++) {
      const p = work + (low(pairs + (i << 3)) << 2), at = <usize>load<u32>(p);
      store<u32>(p, <u32>at + 1);
      store<u32>(order + (at << 2), load<u32>(pairs + (i << 3)));
    }
  }
}

/** Copies band and start of row k to p. */
// @ts-ignore: decorator
@inline
function fetch(p: usize, rows: usize, k: usize, slots: usize): void {
  const row = rows + (k << 6);
  v128.store(p, v128.load(row));
  v128.store(p, v128.load(row, 16), 16);
  store<u64>(p, start(row, slots), 32);
}

/** Brings one row to its pivot, both of `size` bytes; false when it depends on those that are there. */
// @ts-ignore: decorator
@inline
function insert(table: usize, row: usize, size: usize): bool {
  const zero = i64x2.splat(0), s = load<u64>(row, 32), up = s & 63, down = 63 - up;
  const b0 = load<u64>(row), b1 = load<u64>(row, 8), b2 = load<u64>(row, 16), b3 = load<u64>(row, 24);
  let w0 = b0 << up;
  let w12 = i64x2.replace_lane(i64x2.splat((b1 << up) | ((b0 >> 1) >> down)), 1, (b2 << up) | ((b1 >> 1) >> down));
  let w34 = i64x2.replace_lane(i64x2.splat((b3 << up) | ((b2 >> 1) >> down)), 1, (b3 >> 1) >> down);
  let value = v128.load(row, VALUE), base = table + <usize>(s >> 6) * 64 * size;
  while (true) {
    while (w0 == 0) {
      if (!v128.any_true(v128.or(w12, w34))) return false;
      w0 = i64x2.extract_lane(w12, 0);
      w12 = i64x2.shuffle(w12, w34, 1, 2);
      w34 = i64x2.shuffle(w34, zero, 1, 2);
      base += 64 * size;
    }
    const p = base + <usize>ctz(w0) * size, pivot = load<u64>(p);
    if (pivot == 0) {
      store<u64>(p, w0);
      v128.store(p, w12, 16);
      v128.store(p, w34, 32);
      v128.store(p, value, VALUE);
      for (let at = VALUE + 16; at < size; at += 16) v128.store(p + at, v128.load(row + at));
      return true;
    }
    w0 ^= pivot;
    w12 = v128.xor(w12, v128.load(p, 16));
    w34 = v128.xor(w34, v128.load(p, 32));
    value = v128.xor(value, v128.load(p, VALUE));
    for (let at = VALUE + 16; at < size; at += 16) v128.store(row + at, v128.xor(v128.load(row + at), v128.load(p + at)));
  }
}

export function okvsEliminate(table: usize, rows: usize, values: usize, order: usize, from: usize, to: usize, slots: usize, blocks: usize, work: usize): usize {
  const size = VALUE + (blocks << 4);
  for (; from < to; from += BATCH) {
    const end = min(from + BATCH, to);
    for (let i = from, row = work; i < end; i++, row += size) {
      const k = <usize>load<u32>(order + (i << 2));
      fetch(row, rows, k, slots);
      for (let at: usize = 0; at < blocks << 4; at += 16) v128.store(row + at, v128.load(values + k * (blocks << 4) + at), VALUE);
    }
    for (let i = from, row = work; i < end; i++, row += size) if (!insert(table, row, size)) return i;
  }
  return to;
}

/** Sums of slots for the 4 low bits of v and the next 4, by the tables at p and p + SUMS. */
// @ts-ignore: decorator
@inline
function lookup2(p: usize, v: u32): v128 {
  return v128.xor(v128.load(p + ((v << 4) & 0xf0)), v128.load(p + (v & 0xf0), SUMS));
}

// @ts-ignore: decorator
@inline
function lookup8(p: usize, v: u32): v128 {
  return v128.xor(
    v128.xor(lookup2(p, v), lookup2(p + 2 * SUMS, v >> 8)),
    v128.xor(lookup2(p + 4 * SUMS, v >> 16), lookup2(p + 6 * SUMS, v >> 24)),
  );
}

// @ts-ignore: decorator
@inline
function lookup16(p: usize, v: u64): v128 {
  return v128.xor(lookup8(p, <u32>v), lookup8(p + 8 * SUMS, <u32>(v >> 32)));
}

/** The sum of the slots whose bit is set in u0 … u3, from the first of the table at p on, and in the 4 bits of u4 behind them. */
// @ts-ignore: decorator
@inline
function sum(p: usize, u0: u64, u1: u64, u2: u64, u3: u64, u4: u64): v128 {
  const a = v128.xor(lookup16(p, u0), lookup16(p + 16 * SUMS, u1));
  const b = v128.xor(lookup16(p + 32 * SUMS, u2), lookup16(p + 48 * SUMS, u3));
  return v128.xor(v128.xor(a, b), v128.load(p + <usize>(u4 << 4), 64 * SUMS));
}

/** Adds slot x to the sums that have it: those of `bit` (1, 2, 4 or 8) and any higher bits. The sums of higher bits alone are there. */
// @ts-ignore: decorator
@inline
function extend(p: usize, bit: usize, x: v128): void {
  for (let v: usize = bit << 4; v < SUMS; v += bit << 5) v128.store(p + v, v128.xor(x, v128.load(p + v - (bit << 4))));
}

/** Sums of slots first … first + 4·groups − 1, zero behind the last slot: one block of each, `stride` bytes apart. */
function prepare(work: usize, slots: usize, stride: usize, count: usize, first: usize, groups: usize): void {
  for (let g: usize = 0; g < groups; g++) {
    const p = work + g * SUMS, c = first + 4 * g;
    v128.store(p, i64x2.splat(0));
    for (let j: i32 = 3; j >= 0; j--) extend(p, <usize>1 << j, c + j < count ? v128.load(slots + (c + j) * stride) : i64x2.splat(0));
  }
}

/** One block of the slots from … to − 1: `slots` is that of the first slot, `value` where it stands in a pivot. */
function solve(slots: usize, stride: usize, table: usize, value: usize, from: usize, to: usize, count: usize, work: usize): void {
  const size = VALUE + stride;
  let block = to & ~(BUCKET - 1);
  prepare(work, slots, stride, count, block, 128);
  for (let c = to; c-- > from; ) {
    if (c < block) {
      block -= BUCKET;
      memory.copy(work + 64 * SUMS, work, 64 * SUMS);
    }
    const group = (c - block) >> 2, t = work + group * SUMS, p = table + c * size, slot = slots + c * stride, w0 = load<u64>(p);
    if ((c & 3) == 3) v128.store(t, i64x2.splat(0));
    if (w0 != 0) {
      // Words from the group's first column on, without the column itself; the sums know the columns of the group behind it.
      const down = <u64>(c & 60), up = 63 - down, own = w0 & (w0 - 1);
      const w1 = load<u64>(p, 16), w2 = load<u64>(p, 24), w3 = load<u64>(p, 32), w4 = load<u64>(p, 40);
      const others = sum(t, (own >> down) | ((w1 << 1) << up), (w1 >> down) | ((w2 << 1) << up), (w2 >> down) | ((w3 << 1) << up), (w3 >> down) | ((w4 << 1) << up), w4 >> down);
      v128.store(slot, v128.xor(others, v128.load(p + value)));
    }
    extend(t, <usize>1 << (c & 3), v128.load(slot));
  }
}

export function okvsSolve(slots: usize, table: usize, from: usize, to: usize, count: usize, blocks: usize, work: usize): void {
  for (let at: usize = 0; at < blocks << 4; at += 16) solve(slots + at, blocks << 4, table, VALUE + at, from, to, count, work);
}

export function okvsDecode(out: usize, rows: usize, slots: usize, order: usize, from: usize, to: usize, count: usize, blocks: usize, work: usize): void {
  const sums = work + 64 * BUCKET, stride = blocks << 4;
  let block: u64 = -1;
  while (from < to) {
    // Rows of one bucket, so that each block of the slots makes one table.
    let end = from, row = work;
    for (const most = min(from + BUCKET, to); end < most; end++, row += 64) {
      fetch(row, rows, <usize>load<u32>(order + (end << 2)), count);
      if (load<u64>(row, 32) >> 8 != load<u64>(work, 32) >> 8) break;
    }
    const fresh = load<u64>(work, 32) >> 8 != block;
    block = load<u64>(work, 32) >> 8;
    for (let at: usize = 0; at < stride; at += 16) {
      if (fresh || stride > 16) prepare(sums, slots + at, stride, count, <usize>block << 8, 128);
      row = work;
      for (let i = from; i < end; i++, row += 64) {
        const s = load<u64>(row, 32), up = s & 3, down = 63 - up;
        const b0 = load<u64>(row), b1 = load<u64>(row, 8), b2 = load<u64>(row, 16), b3 = load<u64>(row, 24), t = sums + <usize>((s & 252) >> 2) * SUMS;
        v128.store(row, sum(t, b0 << up, (b1 << up) | ((b0 >> 1) >> down), (b2 << up) | ((b1 >> 1) >> down), (b3 << up) | ((b2 >> 1) >> down), (b3 >> 1) >> down), VALUE);
      }
      row = work;
      for (let i = from; i < end; i++, row += 64) v128.store(out + <usize>load<u32>(order + (i << 2)) * stride + at, v128.load(row, VALUE));
    }
    from = end;
  }
}
