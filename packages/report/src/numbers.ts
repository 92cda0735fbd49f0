import type { Estimate } from '@symbolon/analytics';

/** What stands where there is no value. */
export const none = '–';

/** A number for readers: `digits` significant ones, thousands apart. */
export function number(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return none;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) {
    const [mantissa, exponent] = value.toExponential(Math.min(digits, 3) - 1).split('e') as [string, string];
    return `${minus(mantissa.replace(/\.?0+$/, ''))} × 10${[...String(Number(exponent))].map((sign) => raised[sign]).join('')}`;
  }
  const decimals = size === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const text = value.toFixed(Math.min(decimals, 12));
  return exact(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
}

const raised: Readonly<Record<string, string>> = Object.fromEntries(
  [...'0123456789-'].map((sign, i) => [sign, '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'[i]!]),
);

/** A decimal as it stands, thousands apart. */
export function exact(text: string): string {
  const [whole, fraction] = text.split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return minus(fraction === undefined ? grouped : `${grouped}.${fraction}`);
}

function minus(text: string): string {
  return text.replace('-', '\u2212');
}

/** With so many decimals behind the point. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return exact(Number(text) === 0 ? text.replace('-', '') : text);
}

/** Decimals that show two significant digits of the interval's half width (of differences three, where it begins with 1 or 2): no more of the value means anything. */
function decimalsOf({ value, interval, standardError, scale }: Estimate): number | undefined {
  const ends = [interval?.low, interval?.high].filter((end) => typeof end === 'number');
  if ([value, ...ends].every(Number.isInteger)) return 0;
  const widths = ends.map((end) => Math.abs(end - value!)).filter((width) => width > 0);
  const error = scale === 'log' ? value! * (standardError ?? 0) : (standardError ?? 0);
  const width = widths.length > 0 ? Math.min(...widths) : error;
  return width > 0 && width < 1e12
    ? Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(scale === 'log' ? width : width / 2.5))))
    : undefined;
}

/** Value and interval in the digits that mean something: `1.52`, `1.21 to 1.91`; null where there is none. */
export function printEstimate(estimate: Estimate): { value: string | null; interval: string | null } {
  const { value, interval } = estimate;
  if (value === null) return { value: null, interval: null };
  const decimals = decimalsOf(estimate);
  const print = (of: number): string =>
    decimals === undefined || Math.abs(of) >= 1e12 ? number(of) : fixed(of, decimals);
  return {
    value: print(value),
    interval: interval === null ? null : printInterval(interval.low, interval.high, print),
  };
}

function printInterval(low: number | null, high: number | null, print: (of: number) => string): string {
  if (low === null) return `up to ${print(high!)}`;
  return high === null ? `${print(low)} or more` : `${print(low)} to ${print(high)}`;
}

/** `0.24`, `0.079`, `0.0013`, `< 0.0001`. */
export function pValue(p: number): string {
  if (p < 0.0001) return '< 0.0001';
  return p >= 0.1 ? p.toFixed(2) : p >= 0.01 ? p.toFixed(3) : Number(p.toPrecision(2)).toFixed(4);
}

/** `95%`. */
export function percent(level: number): string {
  return `${number(level * 100, 5)}%`;
}

/** `one group`, `3 groups`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return n === 1 ? `one ${one}` : `${number(n, 15)} ${many}`;
}
