import { SymbolonError } from '@symbolon/crypto';
import type { Interval } from './ranges.ts';
import type { Ring, Wire } from './types.ts';

export function refuse(reason: string): SymbolonError {
  return new SymbolonError('plan-invalid', `this is no plan: ${reason}`);
}

const LONGEST_TEXT = 1024;
const LONGEST_LIST = 1_000_000;
/** What any ring can need. */
const DECIMAL = /^(0|-?[1-9][0-9]{0,39})$/;

/** Typed reading of a value from outside: each getter checks what it returns, or throws `plan-invalid`. */
export class Fields {
  readonly #value: unknown;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null) throw refuse('an object or list is missing');
    this.#value = value;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value as object, key);
  }

  #get(key: string): unknown {
    if (!this.has(key)) throw refuse(`'${key}' is missing`);
    return (this.#value as Record<string, unknown>)[key];
  }

  fields(key: string): Fields {
    return new Fields(this.#get(key));
  }

  text(key: string): string {
    const value = this.#get(key);
    if (typeof value !== 'string' || value.length > LONGEST_TEXT) throw refuse(`'${key}' is no text`);
    return value;
  }

  flag(key: string): boolean {
    const value = this.#get(key);
    if (typeof value !== 'boolean') throw refuse(`'${key}' is neither true nor false`);
    return value;
  }

  /** 0 or more. */
  integer(key: string): number {
    return asInteger(this.#get(key), key);
  }

  /** 1 or more. */
  size(key: string): number {
    const value = this.integer(key);
    if (value === 0) throw refuse(`'${key}' is 0`);
    return value;
  }

  list(key: string, most = LONGEST_LIST): readonly unknown[] {
    return asList(this.#get(key), key, most);
  }

  /** A list that is not empty; without a key, of this value itself. */
  items(key?: string): Fields[] {
    const list = key === undefined ? asList(this.#value, 'terms') : this.list(key);
    if (list.length === 0) throw refuse(`'${key ?? 'terms'}' is empty`);
    return list.map((item) => new Fields(item));
  }

  integers(key: string): number[] {
    return this.list(key).map((item) => asInteger(item, key));
  }

  sizes(key: string): number[] {
    const sizes = this.integers(key);
    if (sizes.includes(0)) throw refuse(`'${key}' holds 0`);
    return sizes;
  }

  /** At least one; whether they are of the plan, its builder checks. */
  wires(key: string): Wire[] {
    const wires = this.integers(key);
    if (wires.length === 0) throw refuse(`'${key}' is empty`);
    return wires as Wire[];
  }

  decimal(key: string): bigint {
    return asDecimal(this.#get(key), key);
  }

  decimals(key: string): bigint[] {
    return this.list(key).map((item) => asDecimal(item, key));
  }

  /** The wires of `in`, each with its coefficient. */
  terms(): (readonly [bigint, Wire])[] {
    const [wires, coefficients] = [this.wires('in'), this.decimals('coefficients')];
    if (coefficients.length !== wires.length) throw refuse('there are not as many coefficients as wires');
    return wires.map((wire, i) => [coefficients[i]!, wire]);
  }

  ring(): Ring {
    const bits = this.integer('bits');
    if (bits === 16 || bits === 32 || bits === 64) return bits;
    throw refuse(`there is no ring of ${bits} bits`);
  }

  range(): Interval | undefined {
    if (!this.has('range')) return undefined;
    const [lo, hi] = this.list('range');
    return [asDecimal(lo, 'range'), asDecimal(hi, 'range')];
  }
}

function asInteger(value: unknown, key: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw refuse(`'${key}' is no whole number of 0 or more`);
}

function asDecimal(value: unknown, key: string): bigint {
  if (typeof value === 'string' && DECIMAL.test(value)) return BigInt(value);
  throw refuse(`'${key}' is no decimal`);
}

function asList(value: unknown, key: string, most = LONGEST_LIST): readonly unknown[] {
  // What a list has no item for becomes `undefined`, which no getter takes.
  if (Array.isArray(value) && value.length <= most) return Array.from<unknown>(value);
  throw refuse(`'${key}' is no list, or has more than ${most} items`);
}
