import { daysOf } from '../columns.ts';
import { type Decimal, printDecimal, zero } from '../decimal.ts';
import { type Node, node, text } from './ast.ts';
import type { LocalValue } from './value.ts';

const integers = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT']);

/** SQL of a text. */
export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A constant of the rule; undefined for kinds that rules do not have (floating point, more than 15 digits, blobs). */
export function literal(of: Node): LocalValue | undefined {
  const value = node(of.value);
  const type = node(value.type);
  const id = text(type.id);
  if (value.is_null === true) return constant('NULL', { kind: 'null' });
  const raw = value.value;
  if (id === 'VARCHAR' && typeof raw === 'string') return textLiteral(raw);
  if (id === 'BOOLEAN' && typeof raw === 'boolean') return constant(raw ? 'TRUE' : 'FALSE', { kind: 'boolean' });
  if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) return undefined;
  if (integers.has(id)) return numberLiteral({ value: BigInt(raw), scale: 0 });
  if (id !== 'DECIMAL') return undefined;
  const scale = node(type.type_info).scale;
  return typeof scale === 'number' && scale <= 15 ? numberLiteral({ value: BigInt(raw), scale }) : undefined;
}

export function textLiteral(value: string): LocalValue {
  const symbols = [...value];
  const type = { kind: 'text', maxLength: symbols.length, alphabet: [...new Set(symbols)].join('') } as const;
  return { ...constant(quoteText(value), type), literal: value };
}

export function numberLiteral(value: Decimal): LocalValue {
  const sql = printDecimal(value);
  const type = { kind: 'number', scale: value.scale, range: [value.value, value.value] } as const;
  return { ...constant(value.value < 0n ? `(${sql})` : sql, type), literal: value, sum: { shift: value } };
}

/** The date YYYY-MM-DD; undefined where there is no such day. */
export function dateLiteral(value: string): LocalValue | undefined {
  const days = daysOf(value);
  if (days === undefined) return undefined;
  const type = { kind: 'date', range: [days, days] } as const;
  return { ...constant(`DATE ${quoteText(value)}`, type), literal: value, sum: { shift: { ...zero, value: days } } };
}

function constant(sql: string, type: LocalValue['type']): LocalValue {
  return { kind: 'local', side: undefined, sql, type, columns: [] };
}
