/** Mantissa × 10^−scale. */
interface Scaled {
  readonly mantissa: bigint;
  readonly scale: number;
}

const decimal = /^(-?)(\d{1,64})(?:\.(\d{1,64}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** −1, 0 or 1 as one decimal number is less than, equal to or more than another, exactly; undefined if either is none. */
export function compareDecimals(one: string, other: string): -1 | 0 | 1 | undefined {
  const [a, b] = [scaled(one), scaled(other)];
  if (a === undefined || b === undefined) return undefined;
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [a, b].map(({ mantissa, scale: own }) => mantissa * 10n ** BigInt(scale - own)) as [
    bigint,
    bigint,
  ];
  return left < right ? -1 : left > right ? 1 : 0;
}

function scaled(text: string): Scaled | undefined {
  const found = decimal.exec(text);
  if (found === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = found;
  const mantissa = BigInt(`${whole}${fraction}`);
  return { mantissa: sign === '-' ? -mantissa : mantissa, scale: fraction.length - Number(exponent) };
}
