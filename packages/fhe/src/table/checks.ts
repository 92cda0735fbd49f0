import { Prg, type PrgStream, type Rng, randomOrder } from '@symbolon/crypto';
import { slotCount } from '../parameters.ts';
import { type ColumnSpec, checkSlots, type Layout, type Value } from './layout.ts';

/** Where check rows are, and what is in them: known to the owner alone, from one seed a table. */
export class Checks {
  /** Slots of check rows, the same in every chunk; in no order. */
  readonly slots: readonly number[];
  /** The other slots, ascending: rows of the table. */
  readonly rowSlots: readonly number[];
  readonly #values: Prg;
  readonly #layout: Layout;

  /** @param seed 32 secret bytes, fresh for each table */
  constructor(layout: Layout, seed: Uint8Array) {
    this.#layout = layout;
    this.#values = new Prg(seed);
    const places = randomPlaces(this.#values, slotCount, layout.rowsOfChunk);
    this.slots = places.checks;
    this.rowSlots = places.rows;
  }

  /** The check rows of a chunk, in the order of {@link slots}: of every column a random value, or none. */
  rows(chunk: number): Value[][] {
    const next = randomNumbers(this.#values.stream(`check rows ${chunk}`));
    return this.slots.map(() => this.#layout.specs.map((spec) => randomValue(spec, next)));
  }
}

/** None, once in eight; else uniform. */
function randomValue(spec: ColumnSpec, next: () => number): Value {
  if (spec.kind === 'model') return 0;
  const isNull = next() % 8 === 0;
  const choice = next();
  if (isNull) return null;
  if (spec.kind === 'category') return spec.values[choice % spec.values.length]!;
  return spec.min + (choice % (spec.max - spec.min + 1));
}

/** Which slots hold check rows, in no order, and which `rows` ones rows of the table, ascending. */
export function randomPlaces(seed: Prg, slots: number, rows: number): { checks: number[]; rows: number[] } {
  const order = randomOrder(slots, running(seed.stream('places of check rows')));
  return {
    checks: [...order.subarray(0, slots - rows)],
    rows: [...order.subarray(slots - rows)].sort((a, b) => a - b),
  };
}

/** 32-bit numbers, one after the other. */
export function randomNumbers(stream: PrgStream): () => number {
  const rng = running(stream);
  let pool: DataView = new DataView(new ArrayBuffer(0));
  let at = 0;
  return () => {
    if (at === pool.byteLength) {
      const bytes = rng(4096);
      pool = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      at = 0;
    }
    const number = pool.getUint32(at, true);
    at += 4;
    return number;
  };
}

function running(stream: PrgStream): Rng {
  let at = 0;
  return (bytes) => {
    const out = new Uint8Array(bytes);
    stream.fill(out, at);
    at += bytes;
    return out;
  };
}

/** How often an alteration of `slots` slots goes unnoticed, at most: each hides only if it is no check slot. */
export function missedWith(slots: number): number {
  return (1 - checkSlots / slotCount) ** slots;
}
