import { SymbolonError } from '@symbolon/crypto';

/** Strict readers of programs that came from elsewhere: each throws `plan-invalid` with the rule that is broken. */
export function demand(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new SymbolonError('plan-invalid', `link program: ${rule}`);
}

/** The values of exactly these fields. */
export function fields(value: unknown, name: string, names: readonly string[]): unknown[] {
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), `${name} is an object`);
  const found = Object.keys(value);
  demand(
    found.length === names.length && names.every((key) => Object.hasOwn(value, key)),
    `${name} has exactly the fields ${names.join(', ')}`,
  );
  return names.map((key) => (value as Record<string, unknown>)[key]);
}

export function list(value: unknown, name: string, most: number): unknown[] {
  demand(Array.isArray(value) && value.length <= most, `${name} is a list of at most ${most}`);
  return value;
}

export function isWithin(value: unknown, lo: number, hi: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && !Object.is(value, -0) && value >= lo && value <= hi;
}

/** A signed number of `ring` bits, written as canonical decimals. */
export function integer(value: unknown, ring: number, name: string): bigint {
  demand(typeof value === 'string' && /^(0|-?[1-9]\d{0,18})$/.test(value), `${name} is a whole number as text`);
  const number = BigInt(value);
  const limit = 1n << BigInt(ring - 1);
  demand(number >= -limit && number < limit, `${name} fits in ${ring} bits`);
  return number;
}

/** Two such numbers, the lower first. */
export function interval(value: unknown, ring: number, name: string): [bigint, bigint] {
  const [lo, hi] = list(value, name, 2).map((bound) => integer(bound, ring, name));
  demand(lo !== undefined && hi !== undefined && lo <= hi, `${name} are two bounds, the lower first`);
  return [lo, hi];
}
