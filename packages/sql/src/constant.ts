import type { Decimal } from './decimal.ts';
import { type Node, node, text } from './tree.ts';

/** A constant as it is written; dates are casts of texts in DuckDB's tree. */
export type Constant = string | boolean | null | Decimal;

/** For messages. */
export const constantKinds = 'constants are texts, dates, TRUE, FALSE, NULL and decimals of at most 15 digits';

const integers = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT']);

/** The constant of a node; undefined for kinds that there are not (floating point, more than 15 digits, blobs). */
export function constantOf(of: Node): Constant | undefined {
  const value = node(of.value);
  const type = node(value.type);
  const id = text(type.id);
  if (value.is_null === true) return null;
  const raw = value.value;
  if ((id === 'VARCHAR' && typeof raw === 'string') || (id === 'BOOLEAN' && typeof raw === 'boolean')) return raw;
  if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) return undefined;
  if (integers.has(id)) return { value: BigInt(raw), scale: 0 };
  const scale = id === 'DECIMAL' ? node(type.type_info).scale : undefined;
  return typeof scale === 'number' && scale <= 15 ? { value: BigInt(raw), scale } : undefined;
}
