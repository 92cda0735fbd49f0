import { fault, Prg } from '@symbolon/crypto';
import { randomNumbers, randomPlaces } from '../table/checks.ts';
import type { ScoreLayout } from './model.ts';
import { scoreSlots } from './parameters.ts';

/** Where check rows are in tables of features, and what is in them: known to the owner alone, from one seed a table. */
export class ScoreChecks {
  readonly slots: readonly number[];
  /** The other slots, ascending: patients. */
  readonly rowSlots: readonly number[];
  readonly #values: Prg;
  readonly #layout: ScoreLayout;

  /** @param seed 32 secret bytes, fresh for each table */
  constructor(layout: ScoreLayout, seed: Uint8Array) {
    this.#layout = layout;
    this.#values = new Prg(seed);
    const places = randomPlaces(this.#values, scoreSlots, layout.rowsOfChunk);
    this.slots = places.checks;
    this.rowSlots = places.rows;
  }

  /** The check rows of a chunk, in the order of {@link slots}: of every feature a value, uniform in its range. */
  rows(chunk: number): number[][] {
    const next = randomNumbers(this.#values.stream(`check rows ${chunk}`));
    return this.slots.map(() => this.#layout.features.map(({ min, max }) => min + (next() / 2 ** 32) * (max - min)));
  }

  /**
   * The slots of all features of a chunk. Runs at: the owner. Throws `table-layout`, naming row and feature, never the value.
   * @param patients of this chunk, their features in the layout's order @param first their number in the table
   */
  encode(chunk: number, patients: readonly ArrayLike<number>[], first: number): Float64Array[] {
    const checks = this.rows(chunk);
    return this.#layout.features.map(({ name, min, max }, at) => {
      const slots = new Float64Array(scoreSlots);
      for (const [i, patient] of patients.entries()) {
        const value = patient[at]!;
        if (!(value >= min && value <= max))
          throw fault('table-layout', `row ${first + i + 1}: ${name} is missing or out of range`, { culprit: name });
        slots[this.rowSlots[i]!] = value;
      }
      for (const [i, row] of checks.entries()) slots[this.slots[i]!] = row[at]!;
      return slots;
    });
  }

  /** The same patients under these check rows: slots of all features of a chunk as they were decrypted. Runs at: the owner. @param from whose they were */
  move(from: ScoreChecks, chunk: number, slots: readonly Float64Array[]): Float64Array[] {
    const checks = this.rows(chunk);
    return slots.map((own, at) => {
      const moved = new Float64Array(scoreSlots);
      for (const [i, slot] of from.rowSlots.entries()) moved[this.rowSlots[i]!] = own[slot]!;
      for (const [i, row] of checks.entries()) moved[this.slots[i]!] = row[at]!;
      return moved;
    });
  }
}
