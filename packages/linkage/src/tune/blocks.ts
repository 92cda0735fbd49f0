import type { PsiKeys } from '../psi/keys.ts';

/** How the records of a table fall into the blocks of one key. */
export interface BlockSizes {
  /** Different values. */
  readonly blocks: number;
  /** Records that have the commonest value. */
  readonly largest: number;
  /** Records without a value (NULL). */
  readonly without: number;
}

const EMPTY = 0;

/** The values of a key, counted. Open addressing over FNV-1a hashes, the bytes compared. Runs at: the owner. */
export class Blocks {
  readonly sizes: BlockSizes;
  readonly #keys: PsiKeys;
  readonly #mask: number;
  /** Of each slot, a row with its value, plus 1; and how many rows have it. */
  readonly #rows: Uint32Array;
  readonly #counts: Uint32Array;

  constructor(keys: PsiKeys) {
    const { data, offsets, present } = keys;
    const slots = 2 ** Math.ceil(Math.log2(2 * present.length + 1));
    this.#keys = keys;
    this.#mask = slots - 1;
    this.#rows = new Uint32Array(slots);
    this.#counts = new Uint32Array(slots);
    let [blocks, largest, without] = [0, 0, 0];
    for (let row = 0; row < present.length; row++) {
      if (present[row] === 0) {
        without++;
        continue;
      }
      const slot = this.#slot(data, offsets[row]!, offsets[row + 1]!);
      if (this.#rows[slot] === EMPTY) {
        this.#rows[slot] = row + 1;
        blocks++;
      }
      this.#counts[slot]!++;
      if (this.#counts[slot]! > largest) largest = this.#counts[slot]!;
    }
    this.sizes = { blocks, largest, without };
  }

  /** How many records have the value of row `row` of other keys; 0 where it has none. */
  sizeOf({ data, offsets, present }: PsiKeys, row: number): number {
    return present[row] === 0 ? 0 : this.#counts[this.#slot(data, offsets[row]!, offsets[row + 1]!)]!;
  }

  /** How many records a cap leaves out. */
  cutBy(cap: number): number {
    let cut = 0;
    for (const count of this.#counts) if (count > cap) cut += count - cap;
    return cut;
  }

  /** Where a value stands, or would. */
  #slot(data: Uint8Array, from: number, to: number): number {
    let slot = hash(data, from, to) & this.#mask;
    while (this.#rows[slot] !== EMPTY && !this.#holds(slot, data, from, to)) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #holds(slot: number, data: Uint8Array, from: number, to: number): boolean {
    const row = this.#rows[slot]! - 1;
    const start = this.#keys.offsets[row]!;
    if (this.#keys.offsets[row + 1]! - start !== to - from) return false;
    for (let i = 0; i < to - from; i++) if (this.#keys.data[start + i] !== data[from + i]) return false;
    return true;
  }
}

// FNV-1a (Fowler, Noll, Vo), and the last step of MurmurHash3, since slots are the low bits.
function hash(data: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5;
  for (let i = from; i < to; i++) value = Math.imul(value ^ data[i]!, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Whether the two records of each pair have the same value of a key. */
export function agreeing(a: PsiKeys, b: PsiKeys): Uint8Array {
  const bytes = ({ data, offsets }: PsiKeys, row: number) => data.subarray(offsets[row], offsets[row + 1]);
  return Uint8Array.from(a.present, (present, row) =>
    present === 1 && b.present[row] === 1 && Buffer.compare(bytes(a, row), bytes(b, row)) === 0 ? 1 : 0,
  );
}
