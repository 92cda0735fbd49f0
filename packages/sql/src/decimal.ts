/** value · 10^−scale. */
export interface Decimal {
  readonly value: bigint;
  readonly scale: number;
}

export const zero: Decimal = { value: 0n, scale: 0 };

/** Reads `-12.50`; undefined where `text` is no plain decimal of at most 38 digits before the point and 18 behind. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^(-?)(\d{1,38})(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match;
  return { value: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

export function printDecimal({ value, scale }: Decimal): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** 10^exponent. */
export function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** The same number with `scale` digits behind the point, not fewer than it has, as a whole number. */
export function atScale(x: Decimal, scale: number): bigint {
  return x.value * power(scale - x.scale);
}

export function addDecimal(x: Decimal, y: Decimal, sign: 1 | -1 = 1): Decimal {
  const scale = Math.max(x.scale, y.scale);
  return { value: atScale(x, scale) + BigInt(sign) * atScale(y, scale), scale };
}

export function timesDecimal(x: Decimal, y: Decimal): Decimal {
  return { value: x.value * y.value, scale: x.scale + y.scale };
}

/** The same number without zeros at its end. */
export function trimDecimal({ value, scale }: Decimal): Decimal {
  let [rest, digits] = [value, scale];
  for (; digits > 0 && rest % 10n === 0n; digits--) rest /= 10n;
  return { value: rest, scale: digits };
}

/** Largest integer ≤ x. */
export function floorDecimal({ value, scale }: Decimal): bigint {
  const unit = power(scale);
  return value / unit - (value < 0n && value % unit !== 0n ? 1n : 0n);
}

/** Lowest terms p/q of a decimal ≥ 0. */
export function lowestTerms({ value, scale }: Decimal): { p: bigint; q: bigint } {
  let [x, y] = [value, power(scale)];
  while (y !== 0n) [x, y] = [y, x % y];
  return { p: value / x, q: power(scale) / x };
}
