import { NONE, SLICE } from './keys.ts';

/*
 * Which rows hold equal values. Values are looked up in a hash table, part by part: rows whose values begin alike are moved together first, so
 * that a part and its table stay in the cache (Manegold, Boncz, Kersten, "Optimizing Main-Memory Join on Modern Hardware", 2002).
 */

type Steps<Result = void> = Generator<void, Result>;

/** One value a row, of `width` ≥ 4 bytes; rows that are not `present` equal nothing. */
export interface Values {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly present: Uint8Array;
}

/** For each row the first row with equal bytes, itself where there is none before; NONE where it is not present. Values must be uniform or equal. */
export function* firstRows(values: Values): Steps<Uint32Array> {
  const parts = yield* partition(values, partBits(values));
  const index = new Index(parts);
  const heads = new Uint32Array(values.present.length).fill(NONE);
  for (let part = 0; part < parts.count; part++) {
    index.begin(part);
    index.addAll(part, heads);
    yield;
  }
  return heads;
}

/**
 * For each row of `others` the row of `values` with equal bytes; NONE where there is none. Values must be uniform and apart: they make the
 * table, and the others, which may be a peer's, are looked up in it only.
 *
 * @param out a number for each of the others
 */
export function* findRows(values: Values, others: Values, out: Uint32Array): Steps {
  const bits = partBits(values);
  const [parts, asked] = [yield* partition(values, bits), yield* partition(others, bits)];
  const index = new Index(parts);
  out.fill(NONE);
  for (let part = 0; part < parts.count; part++) {
    index.begin(part);
    index.addAll(part);
    index.findAll(asked, part, out);
    yield;
  }
}

/** Rows in a part, about. */
const PART = 4096;

/** Bits that tell parts apart, so that a row's part is in the first two bytes of its value. */
function partBits({ present }: Values): number {
  return Math.min(10, Math.max(0, Math.ceil(Math.log2(present.length / PART))));
}

/** Words of an entry: its row, and the first 12 bytes of its value, zeros behind its end. */
const ENTRY = 4;

/** The rows that are present, by the lowest bits of their values, otherwise in their order. */
class Parts {
  readonly values: Values;
  readonly bits: number;
  readonly words: Uint32Array;
  readonly #ends: Uint32Array;

  constructor(values: Values, bits: number, words: Uint32Array, ends: Uint32Array) {
    this.values = values;
    this.bits = bits;
    this.words = words;
    this.#ends = ends;
  }

  get count(): number {
    return this.#ends.length;
  }

  begin(part: number): number {
    return part === 0 ? 0 : this.#ends[part - 1]!;
  }

  end(part: number): number {
    return this.#ends[part]!;
  }

  row(at: number): number {
    return this.words[ENTRY * at]!;
  }

  equals(at: number, other: Parts, place: number): boolean {
    const [x, y] = [this.words, other.words];
    const [i, j] = [ENTRY * at, ENTRY * place];
    if (x[i + 1] !== y[j + 1] || x[i + 2] !== y[j + 2] || x[i + 3] !== y[j + 3]) return false;
    const { bytes, width } = this.values;
    const [from, to] = [width * x[i]!, width * y[j]!];
    for (let k = 12; k < width; k++) if (bytes[from + k] !== other.values.bytes[to + k]) return false;
    return true;
  }
}

function* partition(values: Values, bits: number): Steps<Parts> {
  const rows = values.present.length;
  const ends = new Uint32Array(2 ** bits);
  for (let at = 0; at < rows; at += SLICE) {
    count(values, at, Math.min(rows, at + SLICE), ends);
    yield;
  }
  let begin = 0;
  for (let part = 0; part < ends.length; part++) {
    const size = ends[part]!;
    ends[part] = begin;
    begin += size;
  }
  const words = new Uint32Array(ENTRY * begin);
  for (let at = 0; at < rows; at += SLICE) {
    scatter(values, at, Math.min(rows, at + SLICE), ends, words);
    yield;
  }
  return new Parts(values, bits, words, ends);
}

// Loops of their own: those of a generator stay in V8's slower tiers.

function count({ bytes, width, present }: Values, from: number, to: number, sizes: Uint32Array): void {
  const mask = sizes.length - 1;
  for (let row = from; row < to; row++) if (present[row] !== 0) sizes[halfAt(bytes, width * row) & mask]!++;
}

/** @param next where each part goes on */
function scatter(
  { bytes, width, present }: Values,
  from: number,
  to: number,
  next: Uint32Array,
  words: Uint32Array,
): void {
  const mask = next.length - 1;
  for (let row = from, start = width * from; row < to; row++, start += width) {
    if (present[row] === 0) continue;
    const at = ENTRY * next[halfAt(bytes, start) & mask]!++;
    words[at] = row;
    for (let k = 1, left = width; k < ENTRY; k++, left -= 4) words[at + k] = wordAt(bytes, start + width - left, left);
  }
}

function halfAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** The next four bytes, zeros behind the `left` ones. */
function wordAt(bytes: Uint8Array, at: number, left: number): number {
  if (left >= 4) return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  let word = 0;
  for (let k = 0; k < left; k++) word |= bytes[at + k]! << (8 * k);
  return word;
}

/** Finds the entries of one part by their values: open addressing, at most half full. */
class Index {
  readonly #parts: Parts;
  /** The entry + 1; 0 where there is none. */
  #slots = new Uint32Array(0);
  #mask = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Empties it, for the entries of a part. */
  begin(part: number): void {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * (this.#parts.end(part) - this.#parts.begin(part)))));
    if (this.#slots.length < size) this.#slots = new Uint32Array(size);
    else this.#slots.fill(0, 0, size);
    this.#mask = size - 1;
  }

  /** Puts the entries of a part in. @param heads if given, gets for each row the row with equal bytes that came first */
  addAll(part: number, heads?: Uint32Array): void {
    const [parts, slots] = [this.#parts, this.#slots];
    for (let at = parts.begin(part), end = parts.end(part); at < end; at++) {
      const slot = this.#find(parts, at);
      if (slots[slot] === 0) slots[slot] = at + 1;
      if (heads !== undefined) heads[parts.row(at)] = parts.row(slots[slot]! - 1);
    }
  }

  /** @param out gets, for each row of a part of `others`, the row with equal bytes, if there is one */
  findAll(others: Parts, part: number, out: Uint32Array): void {
    for (let at = others.begin(part), end = others.end(part); at < end; at++) {
      const found = this.#slots[this.#find(others, at)]!;
      if (found !== 0) out[others.row(at)] = this.#parts.row(found - 1);
    }
  }

  #find(others: Parts, at: number): number {
    const [slots, mask] = [this.#slots, this.#mask];
    let slot = (others.words[ENTRY * at + 1]! >>> others.bits) & mask;
    while (slots[slot] !== 0 && !this.#parts.equals(slots[slot]! - 1, others, at)) slot = (slot + 1) & mask;
    return slot;
  }
}
