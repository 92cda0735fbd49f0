/** How dates are written. */
export type DateFormat = 'YYYY-MM-DD' | 'DD-MM-YYYY' | 'MM-DD-YYYY' | 'YYYYMMDD';

export const dateFormats: readonly DateFormat[] = ['YYYY-MM-DD', 'DD-MM-YYYY', 'MM-DD-YYYY', 'YYYYMMDD'];

const patterns: Record<DateFormat, [pattern: RegExp, year: number, month: number, day: number]> = {
  'YYYY-MM-DD': [/^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/, 1, 3, 4],
  'DD-MM-YYYY': [/^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/, 4, 3, 1],
  'MM-DD-YYYY': [/^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/, 4, 1, 3],
  YYYYMMDD: [/^(\d{4})(\d{2})(\d{2})$/, 1, 2, 3],
};
const firstYear = 1850;
const lastYear = 2100;
const dayMs = 86_400_000;

/** Days since 1970-01-01, or null where the text is no date of 1850 … 2100 in this format. */
export function parseDate(text: string, format: DateFormat): number | null {
  const [pattern, y, m, d] = patterns[format];
  const match = pattern.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[y]), Number(match[m]), Number(match[d])];
  if (year < firstYear || year > lastYear || month < 1 || month > 12 || day < 1 || day > 31) return null;
  const ms = Date.UTC(year, month - 1, day);
  return new Date(ms).getUTCDate() === day ? ms / dayMs : null;
}

/** `1972-12-22` */
export function formatDays(days: number | bigint): string {
  return new Date(Number(days) * dayMs).toISOString().slice(0, 10);
}

/** Whether a column of these texts can be a number: no leading zeros, no plus sign, at most 18 digits, 9 of them decimals. */
export const plainNumber = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,9})?$/;

const decimal = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * The number times 10^scale.
 *
 * @returns a reason in words where the text is no number, or has more decimals than `scale`: nothing is rounded
 */
export function parseDecimal(text: string, scale: number): bigint | string {
  const match = decimal.exec(text);
  if (match === null) return 'is not a number written like 12.50';
  const [, sign, whole, part = '', exponent] = match;
  const digits = whole! + part;
  const shift = scale - part.length + Number(exponent ?? 0);
  if (digits.length + Math.max(shift, 0) > 400) return 'has more than 18 digits';
  let value: bigint;
  if (shift >= 0) value = BigInt(digits) * 10n ** BigInt(shift);
  else {
    if (!/^0*$/.test(digits.slice(shift))) return `has more than ${scale} decimals`;
    value = BigInt(digits.slice(0, shift) || '0');
  }
  if (value >= 10n ** 18n) return 'has more than 18 digits';
  return sign === '-' ? -value : value;
}

/** A scaled number as it would be written. */
export function formatDecimal(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0n ? `-${text}` : text;
}

const truths = new Map<string, boolean>();
for (const word of ['true', 't', 'yes', 'y', '1']) truths.set(word, true);
for (const word of ['false', 'f', 'no', 'n', '0']) truths.set(word, false);

/** true, t, yes, y, 1 and their opposites, in any case. */
export function parseBoolean(text: string): boolean | undefined {
  return truths.get(text.toLowerCase());
}

const absent = new Set(['na', 'n/a', 'nan', 'null', 'none', '.', '-', '?']);

/** Whether a number, date or boolean column may take this text for "no value". A text column keeps it: there are people called Null. */
export function meansAbsent(text: string): boolean {
  return text.length <= 4 && absent.has(text.toLowerCase());
}

/** Length in code points. */
export function codePoints(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) n--;
  }
  return n;
}
