import { dateOf, printDecimal } from '@symbolon/sql';
import type { BoundKey, BoundNode } from './bound.ts';

/** Most values of a key that cells are made for; a key of more is grouped by sorting. */
const maxKnown = 4096n;

/** The key that groups by a node. */
export function keyOf(node: number, { type, nullable }: Pick<BoundNode, 'type' | 'nullable'>): BoundKey {
  const values = (): bigint | undefined => {
    switch (type.kind) {
      case 'boolean':
        return 2n;
      case 'code':
        return BigInt(type.values.length);
      case 'text':
        return undefined;
      default:
        return BigInt(type.range[1]) - BigInt(type.range[0]) + 1n;
    }
  };
  const size = values();
  return { node, size: size === undefined || size > maxKnown ? null : Number(size) + (nullable ? 1 : 0) };
}

/** The values of a key in the order of its cells, as DuckDB prints them; undefined where they are not known before. */
export function keyValues(
  { size }: BoundKey,
  { type, nullable }: Pick<BoundNode, 'type' | 'nullable'>,
): (string | null)[] | undefined {
  if (size === null || type.kind === 'text') return undefined;
  const known = Array.from({ length: size - (nullable ? 1 : 0) }, (_, i): string => {
    if (type.kind === 'boolean') return String(i === 1);
    if (type.kind === 'code') return type.values[i]!;
    const value = BigInt(type.range[0]) + BigInt(i);
    return type.kind === 'date' ? dateOf(value) : printDecimal({ value, scale: type.scale });
  });
  return nullable ? [...known, null] : known;
}

/** DuckDB's type of a key's column. */
export function keySqlType({ type }: Pick<BoundNode, 'type'>): string {
  switch (type.kind) {
    case 'number':
      return type.scale === 0 ? 'BIGINT' : `DECIMAL(18,${type.scale})`;
    case 'date':
      return 'DATE';
    case 'boolean':
      return 'BOOLEAN';
    default:
      return 'VARCHAR';
  }
}
