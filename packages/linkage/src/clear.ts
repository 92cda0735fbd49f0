import { printDecimal } from './decimal.ts';
import { eachSymbol, outside } from './encode/symbols.ts';
import { type LocalTable, requireShape } from './encode/table.ts';
import type { CompiledRule, Local } from './rule/compile.ts';
import type { Measure } from './rule/measure.ts';
import type { Operand } from './rule/operand.ts';
import type { PairPredicate, Predicate } from './rule/predicate.ts';
import type { ScoreTerm } from './rule/score.ts';
import type { Side } from './rule/value.ts';

const longer = 'greatest(length(x), length(y), 1)::INTEGER';
const differing = `mismatches(rpad(x, ${longer}, chr(3)), rpad(y, ${longer}, chr(3)))`;

/**
 * The functions of rules that DuckDB lacks, for plain (normalised) texts. `agree`: equal characters by position over the longer length,
 * NULL where both are empty. `hamming`: differing positions, the shorter one padded; both for texts of ASCII, as is DuckDB's own
 * `levenshtein`: it compares bytes. `jaccard` and `dice`: of the sets of q-grams, NULL where both are empty.
 */
export const macros: readonly string[] = [
  `CREATE OR REPLACE MACRO hamming(x, y) AS ${differing}`,
  `CREATE OR REPLACE MACRO agree(x, y) AS (greatest(length(x), length(y)) - ${differing})::DOUBLE / nullif(greatest(length(x), length(y)), 0)`,
  `CREATE OR REPLACE MACRO jaccard(x, y, q) AS ${ratioOfSets('jaccard', 'x', 'y', 'q')}`,
  `CREATE OR REPLACE MACRO dice(x, y, q) AS ${ratioOfSets('dice', 'x', 'y', 'q')}`,
];

function ratioOfSets(name: 'jaccard' | 'dice', x: string, y: string, q: string): string {
  const [first, second] = [x, y].map(
    (text) => `list_distinct(list_transform(range(1, length(${text}) - ${q} + 2), lambda i: substr(${text}, i, ${q})))`,
  );
  const both = `len(list_intersect(${first}, ${second}))`;
  const all = `len(${first}) + len(${second})`;
  return name === 'jaccard'
    ? `${both}::DOUBLE / nullif(${all} - ${both}, 0)`
    : `2 * ${both}::DOUBLE / nullif(${all}, 0)`;
}

/** A column of one side's table for the clear run. */
export interface PreparedColumn {
  readonly name: string;
  readonly sqlType: 'VARCHAR' | 'BIGINT' | 'BOOLEAN' | 'INTEGER';
  readonly values: readonly unknown[];
}

/**
 * One side's locals as `clearSql` wants them. Texts that are compared symbol by symbol become as many ASCII characters as the longer side
 * allows (symbol i of the alphabet is 0x20 + i, a stranger 0x01 on side a and 0x02 on side b, the end 0x03), with their length beside
 * them. In texts whose q-grams are compared, strangers become characters that the other side never has. All other values stay.
 */
export function prepareClear(rule: CompiledRule, side: Side, table: LocalTable): PreparedColumn[] {
  requireShape(rule, side, table);
  // DuckDB counts mismatches of texts of one length only.
  const width = Math.max(
    ...Object.values(rule.locals).flatMap((locals) => locals.map((local) => local.maxLength ?? 0)),
  );
  return rule.locals[side].flatMap((local, i): PreparedColumn[] => {
    const values = table.columns[i]!;
    if (local.as === 'grams')
      return [{ name: local.name, sqlType: 'VARCHAR', values: ownStrangers(local, side, values) }];
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

// Different strangers stay different. Private-use planes: 15 for side a, 16 for side b.
function ownStrangers(local: Local, side: Side, values: readonly unknown[]): (string | null)[] {
  const strangers = new Map<number, number>();
  const first = side === 'a' ? 0xf0000 : 0x100000;
  const texts: (string | null)[] = [];
  let points: number[] = [];
  const write = (_row: number, _position: number, symbol: number, point: number): void => {
    if (symbol === outside && !strangers.has(point)) strangers.set(point, first + strangers.size);
    points.push(symbol === outside ? strangers.get(point)! : 0x20 + symbol);
  };
  const end = (_row: number, length: number): void => {
    texts.push(length < 0 ? null : String.fromCodePoint(...points));
    points = [];
  };
  eachSymbol(local, values, write, end);
  return texts;
}

/** The rule as a condition for DuckDB over tables a and b of `prepareClear`, in the structure in which it was written: the oracle. */
export function clearSql(rule: CompiledRule): string {
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
  return print(rule.condition);
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

function printMeasure({ name, q }: Measure, a: string, b: string): string {
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
      return ratioOfSets(name, a, b, String(q));
  }
}

function lengthOf(name: string): string {
  return `${name}_length`;
}
