import { type Interval, type Node, node, text, zero } from '@symbolon/sql';
import { defaultDates } from '../columns.ts';
import { bothTables, local, made, truthOf } from './expression.ts';
import { dateLiteral } from './literal.ts';
import { condition as asCondition, isCondition, type Predicate, predicate } from './predicate.ts';
import type { Scope } from './scope.ts';
import type { Score } from './score.ts';
import type { Type, Value } from './value.ts';

const integerBits: Readonly<Record<string, number>> = { TINYINT: 8, SMALLINT: 16, INTEGER: 32, BIGINT: 64 };

/** CAST and TRY_CAST; of a condition to a whole number: 1, 0 or NULL. */
export function cast(of: Node, scope: Scope): Value {
  const target = node(of.cast_type);
  const id = text(target.id);
  const child = node(of.child);
  const condition = isCondition(child) ? predicate(child, scope) : undefined;
  const inner = condition === undefined ? local(child, scope) : truthOf(condition, child, scope);
  if (inner === undefined) {
    if (condition !== undefined && integerBits[id] !== undefined) return { kind: 'score', score: truth(condition) };
    throw scope.refuse(of, bothTables);
  }
  // DATE '…', TRUE and FALSE are casts of texts in DuckDB's tree.
  if (id === 'DATE' && typeof inner.literal === 'string') {
    const date = dateLiteral(inner.literal);
    if (date === undefined) throw scope.refuse(of, `'${inner.literal}' is no date YYYY-MM-DD`);
    return date;
  }
  if (id === 'BOOLEAN' && (inner.literal === 't' || inner.literal === 'f')) {
    return made(inner.literal === 't' ? 'TRUE' : 'FALSE', { kind: 'boolean' }, [], of, scope);
  }
  if (id === 'BOOLEAN' && inner.type.kind === 'boolean') return inner;
  const to = castTarget(id, target, inner.type);
  if (to === undefined)
    throw scope.refuse(
      of,
      `a value cannot be cast to ${id} here; it can be cast to VARCHAR, INTEGER, BIGINT, DECIMAL(p, s), DATE and BOOLEAN`,
    );
  const sql = `${of.try_cast === true ? 'TRY_CAST' : 'CAST'}(${inner.sql} AS ${to.sql})`;
  const score = inner.type.kind === 'boolean' && integerBits[id] !== undefined ? truth(asCondition(inner)) : undefined;
  return { ...made(sql, to.type, [inner], of, scope), score };
}

function truth(of: Predicate): Score {
  return { terms: [{ kind: 'truth', of, weight: { value: 1n, scale: 0 } }], constant: zero };
}

function castTarget(id: string, target: Node, from: Type): { sql: string; type: Type } | undefined {
  if (id === 'VARCHAR') {
    const lengths: Partial<Record<Type['kind'], number>> = { number: 20, date: 13, boolean: 5 };
    const type: Type =
      from.kind === 'text' ? from : { kind: 'text', maxLength: lengths[from.kind], alphabet: '-.0123456789aeflrstu' };
    return { sql: id, type };
  }
  if (id === 'DATE') return { sql: id, type: from.kind === 'date' ? from : { kind: 'date', range: defaultDates } };
  if (id === 'BOOLEAN') return { sql: id, type: { kind: 'boolean' } };
  const same = (scale: number): Interval | undefined =>
    from.kind === 'boolean' ? [0n, 1n] : from.kind === 'number' && from.scale === scale ? from.range : undefined;
  const bits = integerBits[id];
  if (bits !== undefined) {
    const limit = 1n << BigInt(bits - 1);
    return {
      sql: id,
      type: { kind: 'number', scale: 0, range: same(0) ?? (bits < 64 ? [-limit, limit - 1n] : undefined) },
    };
  }
  const info = id === 'DECIMAL' ? node(target.type_info) : {};
  const [width, scale] = [info.width, info.scale];
  if (typeof width !== 'number' || typeof scale !== 'number' || width > 18 || scale > 9) return undefined;
  const limit = 10n ** BigInt(width);
  return {
    sql: `DECIMAL(${width},${scale})`,
    type: { kind: 'number', scale, range: same(scale) ?? [1n - limit, limit - 1n] },
  };
}
