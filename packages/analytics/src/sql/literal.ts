import { constantOf, type Decimal, daysOf, type Node, printDate, printNumber, quoteText } from '@symbolon/sql';
import type { Value } from './value.ts';

/** A constant; undefined for kinds that studies do not have. */
export function literal(of: Node): Value | undefined {
  const value = constantOf(of);
  if (value === undefined) return undefined;
  if (value === null) return { sql: 'NULL', type: { kind: 'null' }, nullable: true, refs: [], literal: null };
  if (typeof value === 'boolean') return truth(value);
  if (typeof value === 'object') return value.scale <= 12 ? numberLiteral(value) : undefined;
  return { sql: quoteText(value), type: { kind: 'text', values: [value] }, nullable: false, refs: [], literal: value };
}

export function numberLiteral(value: Decimal): Value {
  return {
    sql: printNumber(value),
    type: { kind: 'number', scale: value.scale, range: [value.value, value.value] },
    nullable: false,
    refs: [],
    literal: value,
  };
}

export function truth(value: boolean): Value {
  return { sql: String(value).toUpperCase(), type: { kind: 'boolean' }, nullable: false, refs: [], literal: value };
}

/** The date YYYY-MM-DD; undefined where there is no such day. */
export function dateLiteral(value: string): Value | undefined {
  const days = daysOf(value);
  if (days === undefined) return undefined;
  const type = { kind: 'date', range: [days, days] } as const;
  return { sql: printDate(value), type, nullable: false, refs: [], literal: value };
}
