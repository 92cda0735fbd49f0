import {
  absolute,
  dateFunctions,
  dateParts,
  daysOf,
  type Interval,
  isName,
  partRange,
  quotient,
  remainder,
  texts,
} from '@symbolon/sql';
import { rounded } from './arithmetic.ts';
import type { Type } from './schema.ts';
import type { Value } from './value.ts';

/** Result of a function for these arguments; a text says what is wrong with them. */
type Signature = (args: readonly Value[]) => Type | string;

const text: Type = { kind: 'text' };
const boolean: Type = { kind: 'boolean' };

/** Scalar functions that one owner computes, with the type of their result. All are deterministic and read nothing but their arguments. */
export const functions: Readonly<Record<string, Signature>> = {
  lower: (args) => texts(args, 1, 1) ?? text,
  upper: (args) => texts(args, 1, 1) ?? text,
  trim: (args) => texts(args, 1, 1) ?? text,
  left: (args) => texts(args, 2, 2, [1]) ?? text,
  right: (args) => texts(args, 2, 2, [1]) ?? text,
  substr: (args) => texts(args, 2, 3, [1, 2]) ?? text,
  substring: (args) => texts(args, 2, 3, [1, 2]) ?? text,
  '||': (args) => texts(args, 2, 2) ?? text,
  length: (args) => texts(args, 1, 1) ?? { kind: 'number', scale: 0, range: [0n, 1n << 31n] },
  contains: (args) => texts(args, 2, 2) ?? boolean,
  starts_with: (args) => texts(args, 2, 2) ?? boolean,
  ends_with: (args) => texts(args, 2, 2) ?? boolean,
  '~~': like,
  '!~~': like,
  '~~*': like,
  '!~~*': like,
  ...Object.fromEntries(dateFunctions.map((part) => [part, (args: readonly Value[]) => datePart(args, part)])),
  date_part: ([part, ...rest]) =>
    typeof part?.literal === 'string' && dateParts.includes(part.literal)
      ? datePart(rest, part.literal)
      : `it takes one of ${dateParts.map((name) => `'${name}'`).join(', ')} and a date`,
  abs: (args) => {
    const type = args[0]?.type;
    if (args.length !== 1 || type?.kind !== 'number') return 'it takes a number';
    return { ...type, range: absolute(type.range) };
  },
  round: (args) => {
    const [type, digits] = [args[0]?.type, args.length === 1 ? 0 : wholeLiteral(args[1])];
    if (args.length > 2 || type?.kind !== 'number' || digits === undefined) return 'it takes a number and a constant';
    if (digits < 0 || (digits >= type.scale && type.scale > 0))
      return `it rounds to fewer digits than the ${type.scale} there are`;
    const [lo, hi] = type.range.map((bound) => rounded(bound, type.scale, Math.min(digits, type.scale))) as [
      bigint,
      bigint,
    ];
    return { kind: 'number', scale: Math.min(digits, type.scale), range: [lo, hi] };
  },
  '//': (args) => divided(args, quotient),
  '%': (args) => divided(args, (_, by) => remainder(by)),
};

/** Names of {@link functions}, without operators. */
export const functionNames: readonly string[] = Object.keys(functions).filter(isName);

function datePart(args: readonly Value[], part: string): Type | string {
  const type = args[0]?.type;
  if (args.length !== 1 || type?.kind !== 'date') return 'a part is taken of a date';
  return { kind: 'number', scale: 0, range: partRange(part, type.range) };
}

// DuckDB tries every place for every % of such a pattern.
function like(args: readonly Value[]): Type | string {
  const pattern = args[1]?.literal;
  if (typeof pattern !== 'string') return 'its pattern is a constant text';
  if (pattern.split('%').length > 3) return 'a pattern has at most two %; use contains(…)';
  return texts(args, 2, 2) ?? boolean;
}

function divided(args: readonly Value[], range: (of: Interval, by: bigint) => Interval): Type | string {
  const [x, y] = args;
  const by = wholeLiteral(y);
  if (args.length !== 2 || x?.type.kind !== 'number' || x.type.scale !== 0) return 'it divides whole numbers';
  if (by === undefined || by <= 0) return 'it divides by a positive whole constant';
  return { kind: 'number', scale: 0, range: range(x.type.range, BigInt(by)) };
}

function wholeLiteral(value: Value | undefined): number | undefined {
  const literal = value?.literal;
  return typeof literal === 'object' && literal?.scale === 0 ? Number(literal.value) : undefined;
}

const widest: Interval = [daysOf('0001-01-01')!, daysOf('9999-12-31')!];

/** Type of CAST to one of DuckDB's types, and the type as SQL names it; undefined where there is no such cast. */
export function castTarget(
  id: string,
  info: { width: unknown; scale: unknown },
  from: Type,
): { sql: string; type: Type } | undefined {
  if (id === 'VARCHAR') return { sql: id, type: from.kind === 'text' ? from : text };
  if (id === 'BOOLEAN' && from.kind !== 'date') return { sql: id, type: boolean };
  if (id === 'DATE' && (from.kind === 'text' || from.kind === 'date'))
    return { sql: id, type: from.kind === 'date' ? from : { kind: 'date', range: widest } };
  if (from.kind === 'date') return undefined;
  const decimal = id === 'DECIMAL' && typeof info.width === 'number' && typeof info.scale === 'number';
  const [width, scale] = decimal ? [info.width as number, info.scale as number] : [18, 0];
  if (!(decimal || id === 'INTEGER' || id === 'BIGINT') || width > 18) return undefined;
  const limit = id === 'INTEGER' ? 1n << 31n : 10n ** BigInt(width);
  const all: Interval = [id === 'INTEGER' ? -limit : 1n - limit, limit - 1n];
  const type = ([lo, hi]: Interval): Type =>
    hi < all[0] || lo > all[1]
      ? { kind: 'number', scale, range: all }
      : { kind: 'number', scale, range: [lo < all[0] ? all[0] : lo, hi > all[1] ? all[1] : hi] };
  const sql = decimal ? `DECIMAL(${width},${scale})` : id;
  if (from.kind === 'boolean') return { sql, type: type([0n, 10n ** BigInt(scale)]) };
  if (from.kind !== 'number') return { sql, type: type(all) };
  const moved = (bound: bigint): bigint =>
    from.scale > scale ? rounded(bound, from.scale, scale) : bound * 10n ** BigInt(scale - from.scale);
  return { sql, type: type([moved(from.range[0]), moved(from.range[1])]) };
}
