/** value · 10^−scale. */
export interface Decimal {
  readonly value: bigint;
  readonly scale: number;
}

/** Inclusive bounds. */
export type Interval = readonly [lo: bigint, hi: bigint];

/** Reads `-12.50`; undefined where `text` is no plain decimal of at most 18 digits. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^(-?)(\d{1,18})(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match;
  return { value: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

export function printDecimal({ value, scale }: Decimal): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

export function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** The same values with `by` more digits behind the point, as whole numbers. */
export function scaled([lo, hi]: Interval, by: number): Interval {
  return [lo * power(by), hi * power(by)];
}

export function plus(x: Interval, y: Interval): Interval {
  return [x[0] + y[0], x[1] + y[1]];
}

/** The interval times a constant. */
export function multiple([lo, hi]: Interval, factor: bigint): Interval {
  return factor < 0n ? [hi * factor, lo * factor] : [lo * factor, hi * factor];
}

export function times(x: Interval, y: Interval): Interval {
  return hull(x[0] * y[0], x[0] * y[1], x[1] * y[0], x[1] * y[1]);
}

/** Smallest interval that holds all values. */
export function hull(first: bigint, ...rest: readonly bigint[]): Interval {
  let [lo, hi] = [first, first];
  for (const value of rest) {
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return [lo, hi];
}

/** Days since 1970-01-01 of a date YYYY-MM-DD; undefined where there is no such day. */
export function daysOf(text: string): bigint | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || dateOf(BigInt(time / day)) !== text ? undefined : BigInt(time / day);
}

/** The date YYYY-MM-DD of days since 1970-01-01. */
export function dateOf(days: bigint): string {
  return new Date(Number(days) * day).toISOString().slice(0, 10);
}

const day = 86_400_000;
