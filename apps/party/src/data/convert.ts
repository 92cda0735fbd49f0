import { SymbolonError } from '@symbolon/crypto';
import type { AgreedColumn, Value } from './table.ts';
import {
  codePoints,
  type DateFormat,
  dateFormats,
  meansAbsent,
  parseBoolean,
  parseDate,
  parseDecimal,
} from './values.ts';

type Texts = readonly (string | null)[];
type Where = (row: number) => string;

/** Turns the texts of a column into values of its agreed type. Throws `data-out-of-range` at the first that breaks a rule. */
export function convertColumn(name: string, texts: Texts, column: AgreedColumn, where: Where): Value[] {
  const convert = converter(name, texts, column);
  const values = new Array<Value>(texts.length);
  for (let row = 0; row < texts.length; row++) {
    const text = texts[row]!;
    const none = text === null || (column.type !== 'text' && meansAbsent(text));
    const value = none ? null : convert(text);
    if (value instanceof Broken) throw refused(where(row), `the value ${value.rule}`);
    if (value === null && column.required === true) throw refused(where(row), 'there is no value, but one is required');
    values[row] = value;
  }
  return values;
}

/** The rule that a value breaks, in words. */
class Broken {
  readonly rule: string;
  constructor(rule: string) {
    this.rule = rule;
  }
}

type Convert = (text: string) => Value | Broken;

function converter(name: string, texts: Texts, column: AgreedColumn): Convert {
  switch (column.type) {
    case 'text':
      return textConverter(column.maxLength ?? Number.POSITIVE_INFINITY, column.prepare);
    case 'number':
      return numberConverter(name, column);
    case 'date':
      return dateConverter(name, texts, column);
    case 'boolean':
      return (text) => parseBoolean(text) ?? new Broken('is neither true nor false (yes or no, 1 or 0)');
  }
}

function textConverter(maxLength: number, prepare: AgreedColumn['prepare']): Convert {
  const tooLong = new Broken(`is longer than the agreed ${maxLength} characters`);
  return (text) => {
    const prepared = prepare === undefined ? text : prepare(text);
    if (prepared === '') return null;
    return prepared.length > maxLength && codePoints(prepared) > maxLength ? tooLong : prepared;
  };
}

function numberConverter(name: string, column: AgreedColumn): Convert {
  const scale = column.scale ?? 0;
  const bound = (text: string | undefined): bigint | undefined => {
    const value = text === undefined ? undefined : parseDecimal(text, scale);
    if (typeof value === 'string') throw invalid(name, `a bound ${value}`);
    return value;
  };
  const check = bounds(bound(column.min), bound(column.max), column);
  return (text) => {
    const value = parseDecimal(text, scale);
    return typeof value === 'string' ? new Broken(value) : check(value);
  };
}

function dateConverter(name: string, texts: Texts, column: AgreedColumn): Convert {
  const bound = (text: string | undefined): bigint | undefined => {
    if (text === undefined) return undefined;
    const days = parseDate(text, 'YYYY-MM-DD');
    if (days === null) throw invalid(name, 'a bound is no date written YYYY-MM-DD');
    return BigInt(days);
  };
  const check = bounds(bound(column.min), bound(column.max), column);
  const format = column.format ?? findFormat(name, texts);
  const broken = new Broken(`is no date of 1850 to 2100 written ${format}`);
  return (text) => {
    const days = parseDate(text, format);
    return days === null ? broken : check(BigInt(days));
  };
}

function bounds(
  min: bigint | undefined,
  max: bigint | undefined,
  column: AgreedColumn,
): (value: bigint) => bigint | Broken {
  const low = new Broken(`is below the agreed minimum ${column.min}`);
  const high = new Broken(`is above the agreed maximum ${column.max}`);
  return (value) => (min !== undefined && value < min ? low : max !== undefined && value > max ? high : value);
}

/** The format that most values have. Where day and month could be either, the party must say which. */
function findFormat(name: string, texts: Texts): DateFormat {
  const hits = dateFormats.map((format) => ({ format, count: 0, days: 0 }));
  for (const text of texts) {
    if (text === null) continue;
    for (const hit of hits) {
      const days = parseDate(text, hit.format);
      if (days !== null) [hit.count, hit.days] = [hit.count + 1, hit.days + days];
    }
  }
  hits.sort((a, b) => b.count - a.count);
  const [best, second] = [hits[0]!, hits[1]!];
  if (best.count > 0 && best.count === second.count && best.days !== second.days) {
    throw invalid(name, `its dates could be ${best.format} or ${second.format}; set the format of this column`);
  }
  return best.count === 0 ? 'YYYY-MM-DD' : best.format;
}

function refused(where: string, rule: string): SymbolonError {
  return new SymbolonError('data-out-of-range', `${where}: ${rule}`, { culprit: where });
}

function invalid(name: string, message: string): SymbolonError {
  return new SymbolonError('config-invalid', `column '${name}': ${message}`, { culprit: name });
}
