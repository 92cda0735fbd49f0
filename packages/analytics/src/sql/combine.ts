import { hull, type Node, scaled } from '@symbolon/sql';
import { nodeType } from './nodes.ts';
import { digits18, type Type } from './schema.ts';
import type { Scope } from './scope.ts';
import { areLocal, refsOf, shownOf, type Value } from './value.ts';

const maxSql = 32_768;

/**
 * A value made of others: its owner's, where all are of one table; else the node that `mixed` makes, or refused where there is none.
 * @param value.shows the parts whose values can be read off it; all of them, if absent
 * @throws SymbolonError `plan-range` where a number could have more than 18 digits
 */
export function combine(
  at: Node,
  scope: Scope,
  parts: readonly Value[],
  value: Pick<Value, 'sql' | 'type'> & { readonly nullable?: boolean; readonly shows?: readonly Value[] },
  mixed?: () => number,
): Value {
  const { sql, type, nullable = parts.some((part) => part.nullable), shows = parts } = value;
  if (sql.length > maxSql) throw scope.refuse(at, 'this is too long when it is written out; write it shorter');
  requireRange(type, at, scope);
  const made = { sql, type, nullable, refs: refsOf(parts), shown: shownOf(shows) };
  if (areLocal(parts) && parts.every((part) => part.node === undefined)) return made;
  if (mixed === undefined)
    throw scope.refuse(
      at,
      'columns of several tables stand here; only AND, OR, NOT, comparisons, BETWEEN, IN, +, −, *, CASE and COALESCE may mix them',
    );
  return { ...made, node: mixed() };
}

function requireRange(type: Type, at: Node, scope: Scope): void {
  if (type.kind === 'number' && type.scale > 12)
    throw scope.refuse(at, 'this has more than 12 digits behind the point; write round(…, 2)', 'plan-range');
  if (type.kind === 'number' && !type.range.every((bound) => bound > -digits18 && bound < digits18))
    throw scope.refuse(
      at,
      'this can have more than 18 digits; narrow min, max and scale of its columns in the agreement, or write round(…)',
      'plan-range',
    );
  if (type.kind === 'date' && (type.range[0] < firstDay || type.range[1] > lastDay))
    throw scope.refuse(at, 'this date can lie outside the years 1 to 9999', 'plan-range');
}

const [firstDay, lastDay] = [-719_162n, 2_932_896n];

/** The one type that holds every value. */
export function merged(values: readonly Value[], at: Node, scope: Scope): Type {
  return values
    .map(({ type }) => type)
    .reduce((x, y) => {
      if (x.kind === 'null') return y;
      if (y.kind === 'null') return x;
      if (x.kind === 'text' && y.kind === 'text')
        return { kind: 'text', values: x.values && y.values && [...new Set([...x.values, ...y.values])] };
      if (x.kind === 'date' && y.kind === 'date') return { kind: 'date', range: hull(...x.range, ...y.range) };
      if (x.kind === 'number' && y.kind === 'number') {
        const scale = Math.max(x.scale, y.scale);
        return {
          kind: 'number',
          scale,
          range: hull(...scaled(x.range, scale - x.scale), ...scaled(y.range, scale - y.scale)),
        };
      }
      if (x.kind !== y.kind) throw scope.refuse(at, `this mixes ${x.kind} and ${y.kind}; write a CAST`);
      return x;
    });
}

/** The node of a value as one of a wider type. */
export function widened(value: Value, type: Type, at: Node, scope: Scope): number {
  if (type.kind === 'text' && type.values === undefined) throw scope.refuse(at, freeText);
  if (type.kind === 'number' && value.type.kind === 'number' && value.type.scale < type.scale) {
    const factor = 10n ** BigInt(type.scale - value.type.scale);
    const own = nodeType({ ...type, range: scaled(value.type.range, type.scale - value.type.scale) });
    return scope.nodes.linear(value.sql, own, [[scope.nodes.of(value), factor]]);
  }
  return scope.nodes.of(value, type);
}

export const freeText =
  'a text without agreed values cannot leave its table; list the values of its column in the agreement, or compare it with constants';
