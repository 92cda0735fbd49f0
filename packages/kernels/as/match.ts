// Which rows hold equal values. Rows whose values begin alike are moved together first, so that a part and its table stay in the cache
// (Manegold, Boncz, Kersten, "Optimizing Main-Memory Join on Modern Hardware", 2002). An entry is 16 bytes: the number of a row, and the
// first 12 bytes of its value, zeros behind its end. Values steer branches and addresses: they are hashes, and whoever runs this may see both sides'.
const ENTRY_SHIFT: usize = 4;

/** The next four bytes of a value of which `left` are left, zeros behind its end. */
// @ts-ignore: decorator
@inline
function word(p: usize, left: i32): u32 {
  if (left >= 4) return load<u32>(p);
  let word: u32 = 0;
  for (let k: i32 = 0; k < left; k++) word |= <u32>load<u8>(p + k) << (k << 3);
  return word;
}

// @ts-ignore: decorator
@inline
function isPresent(present: usize, i: usize): bool { return present == 0 || load<u8>(present + i) != 0; }

export function matchCount(sizes: usize, values: usize, width: usize, present: usize, n: usize, bits: u32): void {
  const mask: u32 = (1 << bits) - 1;
  for (let i: usize = 0; i < n; i++, values += width) {
    if (!isPresent(present, i)) continue;
    const p = sizes + (<usize>(load<u16>(values) & mask) << 2);
    store<u32>(p, load<u32>(p) + 1);
  }
}

export function matchScatter(entries: usize, ends: usize, values: usize, width: usize, present: usize, first: u32, n: usize, bits: u32): void {
  const mask: u32 = (1 << bits) - 1, left = <i32>width;
  for (let i: usize = 0; i < n; i++, values += width) {
    if (!isPresent(present, i)) continue;
    const p = ends + (<usize>(load<u16>(values) & mask) << 2), at = load<u32>(p), entry = entries + (<usize>at << ENTRY_SHIFT);
    store<u32>(p, at + 1);
    store<u32>(entry, first + <u32>i);
    store<u32>(entry, load<u32>(values), 4);
    store<u32>(entry, word(values + 4, left - 4), 8);
    store<u32>(entry, word(values + 8, left - 8), 12);
  }
}

/** Whether two entries are of equal values, of which those behind the twelfth byte stand where the rows are. */
// @ts-ignore: decorator
@inline
function equal(x: usize, xValues: usize, y: usize, yValues: usize, width: usize): bool {
  if (load<u32>(x, 4) != load<u32>(y, 4) || load<u64>(x, 8) != load<u64>(y, 8)) return false;
  const a = xValues + <usize>load<u32>(x) * width, b = yValues + <usize>load<u32>(y) * width;
  for (let k: usize = 12; k < width; k++) if (load<u8>(a + k) != load<u8>(b + k)) return false;
  return true;
}

/** The slot of the table where the entry of the asked value is, or would be. */
// @ts-ignore: decorator
@inline
function find(table: usize, mask: u32, bits: u32, entries: usize, values: usize, asked: usize, askedValues: usize, width: usize): usize {
  let slot = (load<u32>(asked, 4) >> bits) & mask;
  while (true) {
    const p = table + (<usize>slot << 2), at = load<u32>(p);
    if (at == 0 || equal(entries + (<usize>(at - 1) << ENTRY_SHIFT), values, asked, askedValues, width)) return p;
    slot = (slot + 1) & mask;
  }
}

// @ts-ignore: decorator
@inline
function beginOf(ends: usize, part: usize): u32 { return part == 0 ? 0 : load<u32>(ends + (part << 2) - 4); }

/** Empties a table for so many entries, at most half full. Gives the mask of its slots. */
// @ts-ignore: decorator
@inline
function clear(table: usize, count: u32): u32 {
  const slots: u32 = 2 << (32 - clz(max<u32>(count, 2) - 1));
  memory.fill(table, 0, <usize>slots << 2);
  return slots - 1;
}

export function matchFirst(heads: usize, entries: usize, ends: usize, values: usize, width: usize, from: usize, to: usize, bits: u32, table: usize): void {
  for (let part = from; part < to; part++) {
    const begin = beginOf(ends, part), end = load<u32>(ends + (part << 2)), mask = clear(table, end - begin);
    for (let at = begin; at < end; at++) {
      const entry = entries + (<usize>at << ENTRY_SHIFT), p = find(table, mask, bits, entries, values, entry, values, width);
      if (load<u32>(p) == 0) store<u32>(p, at + 1);
      store<u32>(heads + (<usize>load<u32>(entry) << 2), load<u32>(entries + (<usize>(load<u32>(p) - 1) << ENTRY_SHIFT)));
    }
  }
}

export function matchFind(out: usize, entries: usize, ends: usize, values: usize, asked: usize, askedEnds: usize, askedValues: usize, width: usize, from: usize, to: usize, bits: u32, table: usize): void {
  for (let part = from; part < to; part++) {
    const begin = beginOf(ends, part), end = load<u32>(ends + (part << 2)), mask = clear(table, end - begin);
    for (let at = begin; at < end; at++) {
      store<u32>(find(table, mask, bits, entries, values, entries + (<usize>at << ENTRY_SHIFT), values, width), at + 1);
    }
    for (let at = beginOf(askedEnds, part), last = load<u32>(askedEnds + (part << 2)); at < last; at++) {
      const entry = asked + (<usize>at << ENTRY_SHIFT), found = load<u32>(find(table, mask, bits, entries, values, entry, askedValues, width));
      if (found != 0) store<u32>(out + (<usize>load<u32>(entry) << 2), load<u32>(entries + (<usize>(found - 1) << ENTRY_SHIFT)));
    }
  }
}
