import { type Column, type LinkAgreement, scaledBounds } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { type CompiledRule, type Draw, type ErrorColumn, type ErrorRates, withErrors } from '@symbolon/linkage';
import type { ExamplePair, ExampleRecord } from '../agreements/examples.ts';
import type { Table, Value } from '../data/table.ts';
import { codePoints, formatDays, formatDecimal, parseDate, parseDecimal } from '../data/values.ts';

/** Columns of one place of living, by their names. */
const addressName = /addr|street|house|city|town|suburb|post|zip|state/;

/**
 * Pairs of an own record and the same record as the other register might have it, with errors at `rates`. Every column of the other table
 * takes its values from the own column of the same name, or else from the one that the rule compares with it.
 * Throws `data-missing-column` where there is none. Runs at: the owner of `table`.
 */
export function syntheticPairs(params: {
  agreement: LinkAgreement;
  rule: CompiledRule;
  side: 'a' | 'b';
  table: Table;
  rows: Uint32Array;
  rates: ErrorRates;
  draw: Draw;
}): ExamplePair[] {
  const { agreement, rule, side, table, rows, rates, draw } = params;
  const other = side === 'a' ? 'b' : 'a';
  const own = agreement.tables[side];
  const texts = (name: string) => Array.from(rows, (row) => textOf(own.columns[name]!, table.column(name)[row]!));
  const { columns, key } = agreement.tables[other];
  const wanted = Object.keys(columns).filter((name) => name !== key || Object.hasOwn(own.columns, name));
  const sources = wanted.map((name): ErrorColumn => {
    const allows = (text: string): boolean => fits(columns[name]!, text);
    // What the other table cannot hold is missing there.
    const values = texts(counterpart(name, own.columns, rule, side)).map((text) =>
      text !== null && allows(text) ? text : null,
    );
    return { values, address: addressName.test(name), allows };
  });
  const changed = withErrors(sources, rates, draw);
  const mine = Object.keys(own.columns).map((name) => [name, texts(name)] as const);
  const theirs = wanted.map((name, i) => [name, changed[i]!] as const);
  const record = (values: typeof mine, i: number): ExampleRecord =>
    Object.fromEntries(values.map(([name, column]) => [name, column[i]!]));
  return Array.from(rows, (_, i) => {
    const [x, y] = [record(mine, i), record(theirs, i)];
    return side === 'a' ? { a: x, b: y } : { a: y, b: x };
  });
}

/** The own column that a column of the other table is like. */
function counterpart(
  name: string,
  own: Readonly<Record<string, Column>>,
  { leaves, locals }: CompiledRule,
  side: 'a' | 'b',
): string {
  if (Object.hasOwn(own, name)) return name;
  const other = side === 'a' ? 'b' : 'a';
  for (const { encoding } of leaves) {
    if (encoding.kind === 'local') continue;
    const [mine, theirs] = [encoding[side], encoding[other]].map((operands) => [operands].flat());
    const at = theirs!.findIndex((operand) => locals[other][operand]!.columns.includes(name));
    const [like] = at < 0 ? [] : locals[side][mine![at]!]!.columns;
    if (like !== undefined) return like;
  }
  throw fault('data-missing-column', `no own column is like ${other}.${name}`, {
    culprit: name,
    hint: 'Give labelled pairs with --pairs instead.',
  });
}

function textOf(column: Column, value: Value): string | null {
  if (typeof value !== 'bigint') return value === null ? null : String(value);
  return column.type === 'date'
    ? formatDays(value)
    : formatDecimal(value, column.type === 'number' ? (column.scale ?? 0) : 0);
}

/** Whether a column may hold a text. */
function fits(column: Column, text: string): boolean {
  switch (column.type) {
    case 'text':
      return codePoints(text) <= column.maxLength;
    case 'date':
      return parseDate(text, 'YYYY-MM-DD') !== null;
    case 'number': {
      if (!/^-?\d{1,18}(\.\d+)?$/.test(text)) return false;
      const value = parseDecimal(text, column.scale ?? 0);
      const { min, max } = scaledBounds(column);
      return typeof value === 'bigint' && value >= min && value <= max;
    }
    case 'boolean':
      return ['true', 'false'].includes(text);
  }
}
