import { type Node, node, text } from './ast.ts';
import { quoteText } from './bound.ts';
import { type Decimal, daysOf, printDecimal } from './decimal.ts';
import type { Value } from './value.ts';

const integers = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT']);

/** A constant; undefined for kinds that studies do not have (floating point, more than 15 digits, blobs). */
export function literal(of: Node): Value | undefined {
  const value = node(of.value);
  const type = node(value.type);
  const id = text(type.id);
  if (value.is_null === true) return { sql: 'NULL', type: { kind: 'null' }, nullable: true, refs: [], literal: null };
  const raw = value.value;
  if (id === 'VARCHAR' && typeof raw === 'string')
    return { sql: quoteText(raw), type: { kind: 'text', values: [raw] }, nullable: false, refs: [], literal: raw };
  if (id === 'BOOLEAN' && typeof raw === 'boolean') return truth(raw);
  if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) return undefined;
  if (integers.has(id)) return numberLiteral({ value: BigInt(raw), scale: 0 });
  const scale = id === 'DECIMAL' ? node(type.type_info).scale : undefined;
  return typeof scale === 'number' && scale <= 12 ? numberLiteral({ value: BigInt(raw), scale }) : undefined;
}

export function numberLiteral(value: Decimal): Value {
  const sql = printDecimal(value);
  return {
    sql: value.value < 0n ? `(${sql})` : sql,
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
  return { sql: `DATE ${quoteText(value)}`, type, nullable: false, refs: [], literal: value };
}
