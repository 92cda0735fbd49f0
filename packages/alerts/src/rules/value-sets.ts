import type { Coding } from '../event.ts';
import { isIcd, spelling } from '../systems.ts';

/** Codes of some systems, and the number of the first class of events that has them. */
export class ValueSets {
  readonly #exact = new Map<string, number>();
  /** Codes of the ICD that stand for all below them: `I21*`. */
  readonly #below = new Map<string, number>();

  /** Adds a code to a class; classes come in ascending order. */
  add(system: string, code: string, index: number): void {
    const family = isIcd(system) && code.endsWith('*');
    const key = `${system}|${spelling(system, family ? code.slice(0, -1) : code)}`;
    const codes = family ? this.#below : this.#exact;
    if (!codes.has(key)) codes.set(key, index);
  }

  /** The number of the first class that has one of these codes; `Infinity` if none has. */
  firstOf(codings: readonly Coding[]): number {
    let first = Number.POSITIVE_INFINITY;
    for (const coding of codings) first = Math.min(first, this.#find(coding));
    return first;
  }

  #find({ system, code }: Coding): number {
    const key = `${system}|${spelling(system, code)}`;
    let first = this.#exact.get(key) ?? Number.POSITIVE_INFINITY;
    if (this.#below.size === 0 || !isIcd(system)) return first;
    // A code of the ICD has at most seven characters.
    const longest = Math.min(key.length, system.length + 8);
    for (let length = system.length + 2; length <= longest; length++) {
      first = Math.min(first, this.#below.get(key.slice(0, length)) ?? first);
    }
    return first;
  }
}
