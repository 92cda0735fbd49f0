import { floorDecimal, power, printDecimal } from '@symbolon/sql';
import type { CompiledRule } from '../rule/compile.ts';
import type { Measure } from '../rule/measure.ts';
import type { Operand } from '../rule/operand.ts';
import type { PairPredicate } from '../rule/predicate.ts';

/** A blocking key that a rule suggests. */
export interface Proposal {
  readonly sql: string;
  /** The comparison that cannot hold unless one of the keys made for it agrees, whatever the errors. */
  readonly losslessFor?: string;
}

/** What is compared of a with what of b. */
interface Field {
  readonly a: string;
  readonly b: string;
  readonly text: boolean;
}

const mostPieces = 16;

/**
 * Keys that a rule suggests: its equalities; for `agree` and `hamming` pieces of which one at least is equal wherever the comparison holds;
 * beginnings and ends of texts together with another field. Each once.
 * @param usualLength characters that a text usually has: the pieces of `hamming` are cut for it
 */
export function proposeKeys(rule: CompiledRule, usualLength: (text: Operand) => number): Proposal[] {
  const comparisons = comparisonsOf(rule.condition);
  const lossless = comparisons.flatMap((of) => (of.kind === 'measure' ? losslessKeys(of, usualLength(of.a)) : []));
  const fields = distinct(comparisons.flatMap(fieldOf), ({ a, b }) => `${a} = ${b}`);
  const whole = fields.map(({ a, b }) => `${a} = ${b}`);
  const near = fields.flatMap((field) => (field.text ? ends(field) : []));
  const joined = near.flatMap(([at, end]) =>
    whole.flatMap((other, i) => (fields[i] === fields[at] ? [] : [`${end} AND ${other}`])),
  );
  const plain = [...whole, ...joined, ...heads(fields)].map((sql): Proposal => ({ sql }));
  return distinct([...lossless, ...plain], ({ sql }) => sql);

  function ends(field: Field): (readonly [at: number, sql: string])[] {
    const at = fields.indexOf(field);
    return ['left', 'right'].map((end) => [at, cut(end, field, 4)] as const);
  }
}

/** Beginnings of two texts. */
function heads(fields: readonly Field[]): string[] {
  const texts = fields.filter(({ text }) => text);
  return texts.flatMap((one, i) =>
    texts.slice(i + 1).map((other) => `${cut('left', one, 4)} AND ${cut('left', other, 4)}`),
  );
}

function cut(end: string, { a, b }: Field, length: number): string {
  return `${end}(${a}, ${length}) = ${end}(${b}, ${length})`;
}

/** The comparisons of a with b that a rule's conditions are made of; not those that it negates. */
function comparisonsOf(of: unknown): PairPredicate[] {
  if (Array.isArray(of)) return of.flatMap(comparisonsOf);
  if (typeof of !== 'object' || of === null) return [];
  const { kind } = of as { kind?: unknown };
  if (kind === 'not' || kind === 'is') return [];
  if (kind === 'equal' || kind === 'interval' || kind === 'measure') return [of as PairPredicate];
  return Object.values(of).flatMap(comparisonsOf);
}

function fieldOf(of: PairPredicate): Field[] {
  // Of a tolerance only the columns are known; a bound to one side brings nobody together.
  if (of.kind === 'interval') {
    if (of.low === undefined || of.high === undefined) return [];
    if (of.a.columns.length !== 1 || of.b.columns.length !== 1) return [];
    return [{ a: `a.${of.a.columns[0]}`, b: `b.${of.b.columns[0]}`, text: false }];
  }
  if (of.kind === 'measure' && !of.op.startsWith(isDistance(of) ? '<' : '>')) return [];
  return [{ a: written(of.a), b: written(of.b), text: of.a.as !== 'integer' && of.a.as !== 'boolean' }];
}

function isDistance({ name }: Measure): boolean {
  return name === 'hamming' || name === 'levenshtein';
}

/** An operand as one would write it: days and scaled numbers as the columns that they come from. */
function written({ as, sql, columns, side }: Operand): string {
  const column = `${side}.${columns[0]}`;
  const plain = [`CAST(${column} AS BIGINT)`, `CAST(date_diff('day', DATE '1970-01-01', ${column}) AS BIGINT)`];
  const scaled = sql.startsWith(`CAST((${column}) * 1`);
  return as === 'integer' && columns.length === 1 && (plain.includes(sql) || scaled) ? column : sql;
}

/**
 * Pigeonhole: where at most d places differ, one of d + 1 pieces does not. For `hamming` ≤ d: that many pieces, the last one open-ended;
 * for d = 1 also the text with one place left out, for each place (the longer, the fewer records it brings together). For `agree` ≥ t: pieces
 * so short that every text of n characters has more of them than ⌊(1 − t)·n⌋, so that only pieces with characters in them need to agree.
 */
function losslessKeys(of: Measure, usual: number): Proposal[] {
  const [a, b] = [of.a.sql, of.b.sql];
  const most = Math.max(of.a.maxLength ?? 0, of.b.maxLength ?? 0);
  const comparison = `${of.name}(${a}, ${b}) ${of.op} ${printDecimal(of.threshold)}`;
  const key = (piece: (x: string) => string): Proposal => ({
    sql: `${piece(a)} = ${piece(b)}`,
    losslessFor: comparison,
  });
  if (of.name === 'hamming' && of.op.startsWith('<')) {
    const distance = mostDifferent(of);
    if (distance < 1 || distance >= mostPieces || usual <= distance) return [];
    const starts = Array.from({ length: distance + 1 }, (_, i) => Math.floor((i * usual) / (distance + 1)));
    const pieces = starts.map((start, i) => {
      const next = starts[i + 1];
      if (i === 0) return key((x) => `left(${x}, ${next})`);
      return key((x) =>
        next === undefined ? `substr(${x}, ${start + 1})` : `substr(${x}, ${start + 1}, ${next - start})`,
      );
    });
    const gaps = distance === 1 && usual < mostPieces ? Array.from({ length: usual }, (_, i) => i) : [];
    const tokens = gaps.map((gap) =>
      key((x) => (gap === 0 ? `substr(${x}, 2)` : `(left(${x}, ${gap}) || substr(${x}, ${gap + 2}))`)),
    );
    const rest = gaps.length === 0 ? [] : [key((x) => `left(${x}, ${usual})`)];
    return [...pieces, ...tokens, ...rest];
  }
  if (of.name === 'agree' && of.op.startsWith('>')) {
    const length = pieceLength(of, most);
    if (length === undefined || Math.ceil(most / length) > mostPieces) return [];
    return Array.from({ length: Math.ceil(most / length) }, (_, i) =>
      key((x) => `nullif(substr(${x}, ${i * length + 1}, ${length}), '')`),
    );
  }
  return [];
}

/** Of `hamming`: how many places may differ. */
function mostDifferent({ op, threshold }: Measure): number {
  const floor = floorDecimal(threshold);
  const whole = floor * power(threshold.scale) === threshold.value;
  return Number(op === '<' && whole ? floor - 1n : floor);
}

/** Of `agree`: the longest pieces of which every text of up to `most` characters has more than places that may differ. */
function pieceLength({ op, threshold }: Measure, most: number): number | undefined {
  const one = power(threshold.scale);
  const different = (length: number): number => {
    const share = (one - threshold.value) * BigInt(length);
    return Number(op === '>' && share % one === 0n ? share / one - 1n : share / one);
  };
  if (threshold.value > one) return undefined;
  for (let piece = most; piece >= 1; piece--) {
    const lengths = Array.from({ length: most }, (_, i) => i + 1);
    if (lengths.every((length) => Math.ceil(length / piece) > different(length))) return piece;
  }
  return undefined;
}

/** The first of each name. */
function distinct<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const names = items.map(nameOf);
  return items.filter((_, i) => names.indexOf(names[i]!) === i);
}
