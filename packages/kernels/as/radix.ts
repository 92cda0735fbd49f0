// The steps of a stable radix sort on masked keys (packages/engine/src/ops/sort.ts). A digit has `width` bits, its values are 0 ... 2^width - 1; digits are bytes,
// one a row. A block has for each row the words of Z_2^32 of the values 1 ... 2^width - 1, one behind the other. `delta` is public, of `lambda` the dealer knows all.

/** Counters of the values of a digit. */
const counters: usize = memory.data(4 * 16, 16);

/** Word `value` of a row whose word of 0 is `zero` and whose others stand at `row`. */
// @ts-ignore: decorator
@inline
function wordAt(row: usize, zero: u32, value: usize): u32 { return select<u32>(zero, load<u32>(row + (value << 2) - 4), value == 0); }

/** What is left of `all` without the words of a row. */
// @ts-ignore: decorator
@inline
function rest(all: u32, row: usize, values: usize): u32 {
  for (let v: usize = 1; v < values; v++, row += 4) all -= load<u32>(row);
  return all;
}

export function radixDigits(out: usize, x: usize, rows: usize, rowBits: usize, from: usize, width: usize): void {
  const mask: u32 = (1 << <u32>width) - 1;
  if (x == 0) memory.fill(out, 0, rows);
  else if (rowBits == 1) for (let i: usize = 0; i < rows; i++) store<u8>(out + i, (<u32>load<u8>(x + (i >> 3)) >> <u32>(i & 7)) & 1);
  else {
    const stride = rowBits >> 3, shift = <u32>from & 7, end = out + rows;
    // The last byte of a row may be the last of all.
    const far: usize = shift + <u32>width > 8 ? 1 : 0;
    for (x += from >> 3; out < end; out++, x += stride) store<u8>(out, ((<u32>load<u8>(x) | (<u32>load<u8>(x + far) << 8)) >> shift) & mask);
  }
}

export function radixUnits(out: usize, lambda: usize, rows: usize, width: usize): void {
  const values: usize = 1 << width;
  for (const end = lambda + rows; lambda < end; lambda++) {
    const digit = <usize>load<u8>(lambda);
    for (let v: usize = 1; v < values; v++, out += 4) store<u32>(out, <u32>(v == digit));
  }
}

export function radixChosen(out: usize, lambda: usize, block: usize, rows: usize, width: usize): void {
  const values: usize = 1 << width, stride = (values - 1) << 2;
  for (const end = lambda + rows; lambda < end; lambda++, block += stride) {
    const digit = <usize>load<u8>(lambda);
    for (let v: usize = 1; v < values; v++, out += 4) store<u32>(out, wordAt(block, 0, digit ^ v));
  }
}

export function radixCount(out: usize, zeros: usize, units: usize, delta: usize, one: u32, rows: usize, width: usize): void {
  const values: usize = 1 << width, stride = (values - 1) << 2;
  memory.fill(counters, 0, values << 2);
  let to = out;
  for (let i: usize = 0, row = units; i < rows; i++, row += stride) {
    const zero = rest(one, row, values), digit = <usize>load<u8>(delta + i);
    const first = load<u32>(counters) + wordAt(row, zero, digit);
    store<u32>(counters, first);
    store<u32>(zeros + (i << 2), first);
    for (let v: usize = 1; v < values; v++, to += 4) {
      const at = counters + (v << 2), counted = load<u32>(at) + wordAt(row, zero, v ^ digit);
      store<u32>(at, counted);
      store<u32>(to, load<u32>(to) + counted - first);
    }
  }
  let below: u32 = 0;
  for (let at = counters; at <= counters + stride; at += 4) {
    const all = load<u32>(at);
    store<u32>(at, below);
    below += all;
  }
  for (; out < to; out += stride) {
    for (let at: usize = 0; at < stride; at += 4) store<u32>(out + at, load<u32>(out + at) + load<u32>(counters + 4 + at));
  }
}

export function radixChoose(out: usize, zeros: usize, units: usize, chosen: usize, masks: usize, opened: usize, delta: usize, one: u32, rows: usize, width: usize): void {
  const values: usize = 1 << width, stride = (values - 1) << 2;
  for (let i: usize = 0; i < rows; i++, units += stride, chosen += stride, masks += stride, out += 4) {
    const digit = <usize>load<u8>(delta + i), zero = rest(one, units, values);
    const sum = rest(0, chosen, values) - rest(0, masks, values);
    let share = load<u32>(out) + load<u32>(zeros + (i << 2)) - one - wordAt(chosen, sum, digit);
    for (let v: usize = 1; v < values; v++, opened += 4) share += wordAt(units, zero, v ^ digit) * load<u32>(opened);
    store<u32>(out, share);
  }
}
