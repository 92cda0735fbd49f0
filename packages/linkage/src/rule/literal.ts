import { constantOf, type Decimal, daysOf, type Node, printDate, printNumber, quoteText, zero } from '@symbolon/sql';
import type { LocalValue } from './value.ts';

/** A constant of the rule; undefined for kinds that rules do not have. */
export function literal(of: Node): LocalValue | undefined {
  const value = constantOf(of);
  if (value === undefined) return undefined;
  if (value === null) return constant('NULL', { kind: 'null' });
  if (typeof value === 'boolean') return constant(value ? 'TRUE' : 'FALSE', { kind: 'boolean' });
  return typeof value === 'string' ? textLiteral(value) : numberLiteral(value);
}

export function textLiteral(value: string): LocalValue {
  const symbols = [...value];
  const type = { kind: 'text', maxLength: symbols.length, alphabet: [...new Set(symbols)].join('') } as const;
  return { ...constant(quoteText(value), type), literal: value };
}

export function numberLiteral(value: Decimal): LocalValue {
  const type = { kind: 'number', scale: value.scale, range: [value.value, value.value] } as const;
  return { ...constant(printNumber(value), type), literal: value, sum: { shift: value } };
}

/** The date YYYY-MM-DD; undefined where there is no such day. */
export function dateLiteral(value: string): LocalValue | undefined {
  const days = daysOf(value);
  if (days === undefined) return undefined;
  const type = { kind: 'date', range: [days, days] } as const;
  return { ...constant(printDate(value), type), literal: value, sum: { shift: { ...zero, value: days } } };
}

function constant(sql: string, type: LocalValue['type']): LocalValue {
  return { kind: 'local', side: undefined, sql, type, columns: [] };
}
