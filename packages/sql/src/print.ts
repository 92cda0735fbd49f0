import { type Decimal, printDecimal } from './decimal.ts';
import { isName } from './signature.ts';

/** SQL of a text. */
export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

const reserved = new Set(
  'all and any as asc between by case cast check column create default desc distinct do else end except false fetch for from full grant group having in inner intersect into is isnull join lateral leading left like limit natural not notnull null offset on only or order outer pivot placing primary qualify references returning right row rows select show similar some summarize symmetric table then to trailing true try_cast union unique unpivot using variadic when where window with'.split(
    ' ',
  ),
);

/** SQL of a column's or table's name. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** SQL of a number, as an operand. */
export function printNumber(value: Decimal): string {
  return value.value < 0n ? `(${printDecimal(value)})` : printDecimal(value);
}

/** SQL of a date YYYY-MM-DD. */
export function printDate(value: string): string {
  return `DATE ${quoteText(value)}`;
}

/** A function, or an operator of two sides. */
export function printCall(name: string, args: readonly { readonly sql: string }[]): string {
  const parts = args.map(({ sql }) => sql);
  return isName(name) ? `${name}(${parts.join(', ')})` : `(${parts.join(` ${name} `)})`;
}

export function printCase(arms: readonly (readonly [when: string, then: string])[], otherwise: string): string {
  return `(CASE ${arms.map(([when, then]) => `WHEN ${when} THEN ${then}`).join(' ')} ELSE ${otherwise} END)`;
}

/** DuckDB's type of an agreed column in its owner's table. */
export function columnSqlType(column: {
  readonly type: 'text' | 'number' | 'date' | 'boolean';
  readonly scale?: number;
}): string {
  switch (column.type) {
    case 'text':
      return 'VARCHAR';
    case 'number':
      return column.scale ? `DECIMAL(18,${column.scale})` : 'BIGINT';
    case 'date':
      return 'DATE';
    case 'boolean':
      return 'BOOLEAN';
  }
}
