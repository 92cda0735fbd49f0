import {
  absolute,
  dateFunctions,
  dateParts,
  hull,
  type Interval,
  partRange,
  power,
  quotient,
  remainder,
  texts,
  times,
} from '@symbolon/sql';
import { defaultDates } from '../columns.ts';
import type { LocalValue, Type } from './value.ts';

type TextType = Type & { kind: 'text' };

// As long as texts of an agreement may be.
const maxPadding = 1024n;

/** Result type of a function for these arguments; a text says what is wrong with them. */
type Signature = (args: readonly LocalValue[]) => Type | string;

const boolean: Type = { kind: 'boolean' };

/**
 * The scalar functions that may stand in a rule, with the type of their result. All are deterministic and read nothing but their
 * arguments. Measures (`agree` …) and the operators + and − are not here: they may span both tables.
 */
export const functions: Readonly<Record<string, Signature>> = {
  lower: mapped((symbol) => symbol.toLowerCase()),
  upper: mapped((symbol) => symbol.toUpperCase()),
  trim: shortened,
  ltrim: shortened,
  rtrim: shortened,
  reverse: shortened,
  strip_accents: shortened,
  left: (args) => cut(args, args[1], 2),
  right: (args) => cut(args, args[1], 2),
  substr: (args) => cut(args, args[2], args.length === 2 ? 2 : 3),
  substring: (args) => cut(args, args[2], args.length === 2 ? 2 : 3),
  lpad: padded,
  rpad: padded,
  replace: (args) => replaced(args, 3),
  regexp_replace: (args) => replaced(args, args.length === 4 ? 4 : 3),
  regexp_extract: (args) => texts(args, 2, 3, [2]) ?? { ...textType(args[0]!) },
  split_part: (args) => texts(args, 3, 3, [2]) ?? { ...textType(args[0]!) },
  concat: (args) => texts(args, 1, 16) ?? joined(args, 0),
  '||': (args) => texts(args, 2, 2) ?? joined(args, 0),
  concat_ws: (args) => {
    const [separator, ...rest] = args;
    return texts(args, 2, 16) ?? joined(rest, textType(separator!).maxLength ?? 0, textType(separator!).alphabet);
  },
  length: (args) => texts(args, 1, 1) ?? counted(args),
  len: (args) => texts(args, 1, 1) ?? counted(args),
  instr: (args) => texts(args, 2, 2) ?? counted(args),
  strpos: (args) => texts(args, 2, 2) ?? counted(args),
  contains: predicate,
  starts_with: predicate,
  prefix: predicate,
  ends_with: predicate,
  suffix: predicate,
  regexp_matches: predicate,
  regexp_full_match: predicate,
  '~~': (args) => like(args, /_/),
  '!~~': (args) => like(args, /_/),
  '~~*': (args) => like(args, /(?:)/),
  '!~~*': (args) => like(args, /(?:)/),
  nullif: (args) => (args.length === 2 ? merged(args) : 'nullif takes two arguments'),
  greatest: merged,
  least: merged,
  ...Object.fromEntries(dateFunctions.map((part) => [part, (args: readonly LocalValue[]) => datePart(args, part)])),
  date_part: ([part, ...rest]) =>
    typeof part?.literal === 'string' && dateParts.includes(part.literal)
      ? datePart(rest, part.literal)
      : `date_part takes one of ${dateParts.map((name) => `'${name}'`).join(', ')} and a date`,
  make_date: (args) =>
    args.length === 3 && args.every(isInteger)
      ? { kind: 'date', range: defaultDates }
      : 'make_date takes three integers',
  last_day: (args) => {
    const type = args[0]?.type;
    return args.length === 1 && type?.kind === 'date'
      ? { kind: 'date', range: [type.range[0], type.range[1] + 30n] }
      : 'last_day takes a date';
  },
  abs: (args) => {
    const type = args[0]?.type;
    if (args.length !== 1 || type?.kind !== 'number') return 'abs takes a number';
    return { ...type, range: type.range && absolute(type.range) };
  },
  '*': (args) => {
    const [x, y] = args.map((arg) => arg.type);
    if (x?.kind !== 'number' || y?.kind !== 'number') return '* takes two numbers';
    return { kind: 'number', scale: x.scale + y.scale, range: x.range && y.range && times(x.range, y.range) };
  },
  '//': (args) => divided(args, quotient),
  '%': (args) => divided(args, (_, by) => remainder(by)),
};

function datePart(args: readonly LocalValue[], part: string): Type | string {
  const type = args[0]?.type;
  if (args.length !== 1 || type?.kind !== 'date') return 'a part is taken of a date';
  return { kind: 'number', scale: 0, range: partRange(part, type.range) };
}

function textType(value: LocalValue): TextType {
  return value.type.kind === 'text' ? value.type : { kind: 'text', maxLength: 0, alphabet: '' };
}

function isInteger(value: LocalValue): boolean {
  return value.type.kind === 'number' && value.type.scale === 0;
}

function shortened(args: readonly LocalValue[]): Type | string {
  return texts(args, 1, 1) ?? textType(args[0]!);
}

function mapped(map: (symbol: string) => string): Signature {
  return (args) => {
    const type = shortened(args);
    return typeof type === 'string' || type.kind !== 'text'
      ? type
      : {
          ...type,
          alphabet: [...new Set([...type.alphabet].map(map).filter((symbol) => [...symbol].length === 1))].join(''),
        };
  };
}

function cut(args: readonly LocalValue[], size: LocalValue | undefined, count: number): Type | string {
  const wrong = texts(args, count, count, [1, 2]);
  if (wrong !== undefined) return wrong;
  const type = textType(args[0]!);
  const literal =
    typeof size?.literal === 'object' && size.literal.value >= 0n
      ? Number(size.literal.value)
      : Number.POSITIVE_INFINITY;
  const most = Math.min(literal, type.maxLength ?? Number.POSITIVE_INFINITY);
  return { ...type, maxLength: Number.isFinite(most) ? most : undefined };
}

function padded(args: readonly LocalValue[]): Type | string {
  const wrong = texts(args, 3, 3, [1]);
  if (wrong !== undefined) return wrong;
  const size = args[1]!.literal;
  if (typeof size !== 'object' || size.value < 0n || size.value > maxPadding)
    return `its second argument is a constant of 0 to ${maxPadding}`;
  return {
    kind: 'text',
    maxLength: Number(size.value),
    alphabet: union(textType(args[0]!).alphabet, textType(args[2]!).alphabet),
  };
}

function replaced(args: readonly LocalValue[], count: number): Type | string {
  const wrong = texts(args, count, count);
  if (wrong !== undefined) return wrong;
  const [from, by] = [textType(args[0]!), textType(args[2]!)];
  const maxLength =
    from.maxLength === undefined || by.maxLength === undefined
      ? undefined
      : Math.max(1, from.maxLength) * Math.max(1, by.maxLength);
  return { kind: 'text', maxLength, alphabet: union(from.alphabet, by.alphabet) };
}

function joined(args: readonly LocalValue[], gap: number, alphabet = ''): Type {
  const types = args.map(textType);
  const known = types.every((type) => type.maxLength !== undefined);
  const maxLength = types.reduce((sum, type) => sum + (type.maxLength ?? 0), gap * (types.length - 1));
  return {
    kind: 'text',
    maxLength: known ? maxLength : undefined,
    alphabet: union(alphabet, ...types.map((type) => type.alphabet)),
  };
}

function counted(args: readonly LocalValue[]): Type {
  const { maxLength } = textType(args[0]!);
  return { kind: 'number', scale: 0, range: maxLength === undefined ? undefined : [0n, BigInt(maxLength)] };
}

function predicate(args: readonly LocalValue[]): Type | string {
  return texts(args, 2, 2) ?? boolean;
}

// DuckDB tries every place for every % of a `slow` pattern (any of ILIKE, one of LIKE with _): three take a second a text, six never end.
function like(args: readonly LocalValue[], slow: RegExp): Type | string {
  const pattern = args[1]?.literal;
  if (typeof pattern !== 'string') return 'its pattern is a constant text';
  if (slow.test(pattern) && pattern.split('%').length > 3)
    return 'a pattern with _, and any of ILIKE, has at most two %; use regexp_matches';
  return predicate(args);
}

function divided(args: readonly LocalValue[], range: (of: Interval, by: bigint) => Interval): Type | string {
  const [x, y] = args;
  const by = y?.literal;
  if (x?.type.kind !== 'number' || x.type.scale !== 0) return 'it divides integers';
  if (typeof by !== 'object' || by.scale !== 0 || by.value <= 0n) return 'it divides by a positive constant';
  return { kind: 'number', scale: 0, range: x.type.range && range(x.type.range, by.value) };
}

/** The one type that holds every argument. */
export function merged(args: readonly LocalValue[]): Type | string {
  const types = args.map((arg) => arg.type).filter((type) => type.kind !== 'null');
  const [first, ...rest] = types;
  if (first === undefined) return { kind: 'null' };
  return rest.reduce<Type | string>((sum, type) => (typeof sum === 'string' ? sum : either(sum, type)), first);
}

function either(x: Type, y: Type): Type | string {
  if (x.kind === 'text' && y.kind === 'text') {
    const maxLength =
      x.maxLength === undefined || y.maxLength === undefined ? undefined : Math.max(x.maxLength, y.maxLength);
    return { kind: 'text', maxLength, alphabet: union(x.alphabet, y.alphabet) };
  }
  if (x.kind === 'date' && y.kind === 'date') return { kind: 'date', range: hull(...x.range, ...y.range) };
  if (x.kind === 'number' && y.kind === 'number') {
    const scale = Math.max(x.scale, y.scale);
    const [first, second] = [scaled(x, scale), scaled(y, scale)];
    return { kind: 'number', scale, range: first && second && hull(...first, ...second) };
  }
  return x.kind === y.kind ? x : `it mixes ${x.kind} and ${y.kind}; write a CAST`;
}

function scaled(type: Type & { kind: 'number' }, scale: number): Interval | undefined {
  const factor = power(scale - type.scale);
  return type.range && [type.range[0] * factor, type.range[1] * factor];
}

function union(...alphabets: readonly string[]): string {
  return [...new Set([...alphabets.join('')])].join('');
}
