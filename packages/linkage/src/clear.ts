import { printDecimal } from '@symbolon/sql';
import { placesOf, qgramSets } from './encode/qgrams.ts';
import { eachSymbol, outside } from './encode/symbols.ts';
import { type LocalTable, requireShape } from './encode/table.ts';
import { ratioOfSets } from './macros.ts';
import type { CompiledRule, Local } from './rule/compile.ts';
import type { Measure } from './rule/measure.ts';
import type { Operand } from './rule/operand.ts';
import type { PairPredicate, Predicate } from './rule/predicate.ts';
import type { ScoreTerm } from './rule/score.ts';
import type { Side } from './rule/value.ts';

/** A column of one side's table for the clear run. */
export interface PreparedColumn {
  readonly name: string;
  readonly sqlType: 'VARCHAR' | 'BIGINT' | 'BOOLEAN' | 'INTEGER';
  readonly values: readonly unknown[];
}

/**
 * One side's locals as `clearSql` wants them. Texts that are compared symbol by symbol become as many ASCII characters as the longer side
 * allows (symbol i of the alphabet is 0x20 + i, a stranger 0x01 on side a and 0x02 on side b, the end 0x03), with their length beside
 * them. Texts whose q-grams are compared become one character for each, in any order: lists would be far slower in DuckDB. All other
 * values stay.
 */
export function prepareClear(rule: CompiledRule, side: Side, table: LocalTable): PreparedColumn[] {
  requireShape(rule, side, table);
  // DuckDB counts mismatches of texts of one length only.
  const width = Math.max(
    ...Object.values(rule.locals).flatMap((locals) => locals.map((local) => local.maxLength ?? 0)),
  );
  return rule.locals[side].flatMap((local, i): PreparedColumn[] => {
    const values = table.columns[i]!;
    if (local.as === 'grams') return [{ name: local.name, sqlType: 'VARCHAR', values: gramSets(local, side, values) }];
    if (local.as !== 'symbols') return [{ name: local.name, sqlType: local.sqlType, values }];
    const texts: (string | null)[] = [];
    const lengths: (number | null)[] = [];
    let codes: number[] = [];
    const write = (_row: number, _position: number, symbol: number): void => {
      codes.push(symbol === outside ? (side === 'a' ? 1 : 2) : 0x20 + symbol);
    };
    const end = (_row: number, length: number): void => {
      texts.push(length < 0 ? null : String.fromCharCode(...codes).padEnd(width, '\x03'));
      lengths.push(length < 0 ? null : length);
      codes = [];
    };
    eachSymbol(local, values, write, end);
    return [
      { name: local.name, sqlType: 'VARCHAR', values: texts },
      { name: lengthOf(local.name), sqlType: 'INTEGER', values: lengths },
    ];
  });
}

// Q-grams of the alphabet have the same character on both sides; all others one that only this side has.
function gramSets(local: Local, side: Side, values: readonly unknown[]): (string | null)[] {
  const place = placesOf(local.alphabet!);
  const first = [...local.alphabet!].length ** local.q! + (side === 'a' ? 0 : 1);
  const strangers = new Map<string, number>();
  const character = (gram: string): string => {
    const known = place(gram) ?? strangers.get(gram);
    if (known !== undefined) return characterOf(known);
    strangers.set(gram, first + 2 * strangers.size);
    return character(gram);
  };
  return Array.from(qgramSets(local, values, local.q!), (grams) =>
    grams === undefined ? null : Array.from(grams, character).join(''),
  );
}

/** A character of Unicode for a number, neither NUL nor a surrogate. */
function characterOf(number: number): string {
  return String.fromCodePoint(number + 1 < 0xd800 ? number + 1 : number + 0x801);
}

/** The rule as a condition for DuckDB over tables a and b of `prepareClear`, in the structure in which it was written: the oracle. */
export function clearSql(rule: CompiledRule): string {
  return printer(rule)(rule.condition);
}

/** Of a rule that is one weighted sum, how far a pair lies above what the sum is held against: the best has most. */
export function clearScoreSql(rule: CompiledRule): string {
  const { condition } = rule;
  if (condition.kind !== 'score') throw new TypeError('the rule is no weighted sum');
  const sum = condition.terms.map((term) => printTerm(term, printer(rule))).join(' + ');
  return condition.op.startsWith('>') ? sum : `-(${sum})`;
}

function printer(rule: CompiledRule): (of: Predicate) => string {
  const name = (operand: Operand): string => `${operand.side}.${rule.localOf(operand).name}`;
  const print = (of: Predicate): string => {
    switch (of.kind) {
      case 'constant':
        return `CAST(${String(of.value)} AS BOOLEAN)`;
      case 'local': {
        const { sql, columns } = of.value;
        return name({ side: of.value.side ?? 'a', as: 'boolean', sql, columns });
      }
      case 'and':
      case 'or':
        return `(${of.of.map(print).join(of.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `(NOT ${print(of.of)})`;
      case 'is':
        return `(${print(of.of)} IS ${String(of.value)})`;
      case 'case':
        return `(CASE ${of.arms.map(([when, then]) => `WHEN ${print(when)} THEN ${print(then)}`).join(' ')} ELSE ${print(of.otherwise)} END)`;
      case 'score':
        return `(${of.terms.map((term) => printTerm(term, print)).join(' + ')} ${of.op} ${printDecimal(of.threshold)})`;
      default:
        return `(${printPair(of, name(of.a), name(of.b))})`;
    }
  };
  return print;
}

function printTerm(term: ScoreTerm, print: (of: Predicate) => string): string {
  if (term.kind === 'truth') return `${printDecimal(term.weight)} * CAST(${print(term.of)} AS INTEGER)`;
  const arms = term.arms.map(([when, weight]) => `WHEN ${print(when)} THEN ${printDecimal(weight)}`);
  return `CASE ${arms.join(' ')} ELSE ${printDecimal(term.otherwise)} END`;
}

function printPair(of: PairPredicate, a: string, b: string): string {
  switch (of.kind) {
    case 'equal':
      return `${a} = ${b}`;
    case 'interval':
      if (of.low === undefined) return `${a} + ${b} <= ${of.high}`;
      return of.high === undefined ? `${a} + ${b} >= ${of.low}` : `${a} + ${b} BETWEEN ${of.low} AND ${of.high}`;
    case 'measure':
      return `${printMeasure(of, a, b)} ${of.op} ${printDecimal(of.threshold)}`;
  }
}

function printMeasure({ name }: Measure, a: string, b: string): string {
  const longer = `greatest(${lengthOf(a)}, ${lengthOf(b)})`;
  switch (name) {
    case 'hamming':
      return `mismatches(${a}, ${b})`;
    case 'agree':
      return `(${longer} - mismatches(${a}, ${b}))::DOUBLE / nullif(${longer}, 0)`;
    case 'levenshtein':
      return `levenshtein(left(${a}, ${lengthOf(a)}), left(${b}, ${lengthOf(b)}))`;
    case 'jaccard':
    case 'dice':
      return ratioOfSets(name, `(length(${a}) - length(translate(${a}, ${b}, '')))`, `length(${a}) + length(${b})`);
  }
}

function lengthOf(name: string): string {
  return `${name}_length`;
}
