import { fault, nearest, type SymbolonError } from '@symbolon/crypto';
import { parseDecimal, printDecimal, trimDecimal } from '@symbolon/sql';

/** A field of a study, and where it stands. */
export interface Field {
  readonly value: unknown;
  /** Such as `parameters.level`. */
  readonly path: string;
  readonly lines: ReadonlyMap<string, number> | undefined;
}

export function refuse({ path, lines }: Pick<Field, 'path' | 'lines'>, message: string): SymbolonError {
  const line = lines?.get(path);
  return fault('study-invalid', `${path || 'the study'}${line === undefined ? '' : ` (line ${line})`}: ${message}`, {
    culprit: path,
  });
}

/** The fields within a field; none but the known ones. */
export function fieldsOf(field: Field, known: readonly string[]): Record<string, Field> {
  const { value, path, lines } = field;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse(field, 'it has fields of its own');
  const within = Object.entries(value).map(([name, part]): [string, Field] => [
    name,
    { value: part, path: path === '' ? name : `${path}.${name}`, lines },
  ]);
  for (const [name, part] of within) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const instead =
      known.length === 0
        ? 'there is none here'
        : near === undefined
          ? `known are ${known.join(', ')}`
          : `did you mean ${near}?`;
    throw refuse(part, `unknown field; ${instead}`);
  }
  return Object.fromEntries(within);
}

/** A text on one line. */
export function oneLine(field: Field, most = 200): string {
  const text = wholeText(field, most);
  if (/[\n\r]/.test(text)) throw refuse(field, 'a text on one line is needed');
  return text;
}

export function wholeText(field: Field, most: number): string {
  const { value } = field;
  if (typeof value !== 'string') throw refuse(field, 'a text is needed');
  const text = value.trim();
  if (text === '' || text.length > most) throw refuse(field, `a text of 1 to ${most} characters is needed`);
  if (!text.isWellFormed() || text.normalize('NFC') !== text || /[^\P{C}\n\t]/u.test(text))
    throw refuse(field, 'it holds a character that is none, or is not in Unicode NFC');
  return text;
}

export function listOf<T>(field: Field, item: (item: Field) => T, [least, most]: readonly [number, number]): T[] {
  const { value, path, lines } = field;
  if (!Array.isArray(value) || value.length < least || value.length > most)
    throw refuse(field, `a list of ${least} to ${most} is needed`);
  const start = lines?.get(path);
  return value.map((part, i) => {
    const at = `${path}[${i}]`;
    return item({ value: part, path: at, lines: start === undefined ? undefined : new Map([[at, start]]) });
  });
}

export function oneOf<T extends string>(field: Field, choices: readonly T[]): T {
  const { value } = field;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  throw refuse(field, near === undefined ? `it is one of ${choices.join(', ')}` : `did you mean ${near}?`);
}

/** A decimal, without zeros behind the last digit that says something. */
export function decimal(field: Field): string {
  const { value } = field;
  const read = typeof value === 'number' || typeof value === 'string' ? parseDecimal(String(value)) : undefined;
  if (read === undefined || read.scale > 9 || String(read.value).length > 15)
    throw refuse(field, 'a decimal of at most 15 digits is needed, such as 0.95');
  return printDecimal(trimDecimal(read));
}

/** A decimal above `low` and below `high`. */
export function between(field: Field, low: number, high: number): string {
  const text = decimal(field);
  if (!(Number(text) > low && Number(text) < high)) throw refuse(field, `it lies between ${low} and ${high}`);
  return text;
}

/** Decimals, each above the one before it. */
export function ascending(field: Field, bounds: readonly [number, number]): string[] {
  const values = listOf(field, decimal, bounds);
  if (values.some((value, i) => i > 0 && !(Number(value) > Number(values[i - 1]))))
    throw refuse(field, 'each is above the one before it');
  return values;
}

export function wholeBetween(field: Field, low: number, high: number): number {
  const number = Number(decimal(field));
  if (!Number.isInteger(number) || number < low || number > high)
    throw refuse(field, `a whole number from ${low} to ${high} is needed`);
  return number;
}
