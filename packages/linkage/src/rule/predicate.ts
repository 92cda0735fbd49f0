import { children, comparisons, list, type Node, node, printCase, text } from '@symbolon/sql';
import { between, compare, distinct } from './compare.ts';
import { expression, local, made, sideOf } from './expression.ts';
import type { Measure } from './measure.ts';
import type { Operand } from './operand.ts';
import type { Scope } from './scope.ts';
import type { Scored } from './score.ts';
import type { LocalValue, Value } from './value.ts';

/** A condition of the rule, in the structure in which it was written. Three-valued, as in SQL. */
export type Predicate =
  | { readonly kind: 'constant'; readonly value: boolean | null }
  /** About one record. */
  | { readonly kind: 'local'; readonly value: LocalValue }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  /** Whether `of` is this very value; itself never NULL. */
  | { readonly kind: 'is'; readonly of: Predicate; readonly value: boolean | null }
  | {
      readonly kind: 'case';
      readonly arms: readonly (readonly [when: Predicate, then: Predicate])[];
      readonly otherwise: Predicate;
    }
  | Scored
  | PairPredicate;

/** A comparison of a record of a with a record of b. */
export type PairPredicate =
  | { readonly kind: 'equal'; readonly a: Operand; readonly b: Operand }
  /** low ≤ a + b ≤ high */
  | {
      readonly kind: 'interval';
      readonly a: Operand;
      readonly b: Operand;
      readonly low?: bigint | undefined;
      readonly high?: bigint | undefined;
    }
  | Measure;

/** All conditions that a condition is made of, each once, itself first. */
export function within(of: Predicate, found = new Set<Predicate>()): ReadonlySet<Predicate> {
  if (found.has(of)) return found;
  found.add(of);
  for (const part of partsOf(of)) within(part, found);
  return found;
}

function partsOf(of: Predicate): readonly Predicate[] {
  switch (of.kind) {
    case 'and':
    case 'or':
      return of.of;
    case 'not':
    case 'is':
      return [of.of];
    case 'case':
      return [...of.arms.flat(), of.otherwise];
    case 'score':
      return of.terms.flatMap((term) => (term.kind === 'truth' ? [term.of] : term.arms.map(([when]) => when)));
    default:
      return [];
  }
}

/** Reads a condition. */
export function predicate(of: Node, scope: Scope): Predicate {
  if (of.alias !== '') throw scope.refuse(of, 'a name (AS, :=) cannot stand inside a rule');
  const operands = (): Predicate[] => children(of).map((child) => predicate(child, scope));
  const type = text(of.type);
  const op = comparisons[type];
  if (op !== undefined)
    return compare(op, expression(node(of.left), scope), expression(node(of.right), scope), of, scope);
  switch (type) {
    case 'CONJUNCTION_AND':
      return connect('and', operands(), of, scope);
    case 'CONJUNCTION_OR':
      return connect('or', operands(), of, scope);
    case 'OPERATOR_NOT':
      return negate(operands()[0]!, of, scope);
    case 'OPERATOR_IS_NULL':
      return isNull(node(children(of)[0]), of, scope);
    case 'OPERATOR_IS_NOT_NULL':
      return negate(isNull(node(children(of)[0]), of, scope), of, scope);
    case 'COMPARE_NOT_DISTINCT_FROM':
      return notDistinct(of, scope);
    case 'COMPARE_DISTINCT_FROM':
      return negate(notDistinct(of, scope), of, scope);
    case 'COMPARE_BETWEEN': {
      const [x, low, high] = ['input', 'lower', 'upper'].map((part) => expression(node(of[part]), scope)) as [
        Value,
        Value,
        Value,
      ];
      return between(x, low, high, of, scope);
    }
    case 'COMPARE_IN':
      return oneOf(of, scope);
    case 'COMPARE_NOT_IN':
      return negate(oneOf(of, scope), of, scope);
    case 'CASE_EXPR':
      return choose(of, scope);
  }
  const value = expression(of, scope);
  if (value.kind === 'local' && value.type.kind === 'boolean') return condition(value);
  if (value.kind === 'local' && value.type.kind === 'null') return { kind: 'constant', value: null };
  throw scope.refuse(of, 'a condition is needed here, such as a comparison');
}

/** A boolean value as a predicate. */
export function condition(value: LocalValue): Predicate {
  if (value.sql === 'TRUE' || value.sql === 'FALSE') return { kind: 'constant', value: value.sql === 'TRUE' };
  return { kind: 'local', value };
}

/** AND or OR; the parts about one record of the same table become one. */
export function connect(kind: 'and' | 'or', parts: readonly Predicate[], at: Node, scope: Scope): Predicate {
  const locals = parts.flatMap((part) => (part.kind === 'local' ? [part.value] : []));
  const rest = parts.filter((part) => part.kind !== 'local');
  const groups = Object.values(Object.groupBy(locals, (value) => value.side ?? 'a')).map((group): Predicate => {
    if (group.length === 1) return { kind: 'local', value: group[0]! };
    const sql = `(${group.map((value) => value.sql).join(` ${kind.toUpperCase()} `)})`;
    return { kind: 'local', value: made(sql, { kind: 'boolean' }, group, at, scope) };
  });
  const all = [...groups, ...rest];
  return all.length === 1 ? all[0]! : { kind, of: all };
}

/** NOT. */
export function negate(of: Predicate, at: Node, scope: Scope): Predicate {
  if (of.kind === 'constant') return { kind: 'constant', value: of.value === null ? null : !of.value };
  if (of.kind === 'local')
    return { kind: 'local', value: made(`(NOT ${of.value.sql})`, { kind: 'boolean' }, [of.value], at, scope) };
  return of.kind === 'not' ? of.of : { kind: 'not', of };
}

function isNull(of: Node, at: Node, scope: Scope): Predicate {
  const inner = isCondition(of) ? predicate(of, scope) : single(expression(of, scope), at, scope);
  if (inner.kind !== 'local') return { kind: 'is', of: inner, value: null };
  return { kind: 'local', value: made(`(${inner.value.sql} IS NULL)`, { kind: 'boolean' }, [inner.value], at, scope) };
}

function single(value: Value, at: Node, scope: Scope): Predicate {
  if (value.kind === 'local') return { kind: 'local', value };
  throw scope.refuse(at, 'IS NULL takes a column, a value of one table or a condition');
}

/** Whether a node can only be a condition. */
export function isCondition(of: Node): boolean {
  if (of.class === 'CASE')
    return [...list(of.case_checks).map((check) => node(node(check).then_expr)), node(of.else_expr)].some(isCondition);
  return ['COMPARISON', 'BETWEEN', 'CONJUNCTION'].includes(text(of.class)) || /NOT|_IN$|IS_/.test(text(of.type));
}

// x IS TRUE is x IS NOT DISTINCT FROM TRUE in DuckDB's tree, with a cast of x.
function notDistinct(of: Node, scope: Scope): Predicate {
  const [left, right] = [node(of.left), node(of.right)];
  const inner = left.class === 'CAST' ? node(left.child) : left;
  if (isCondition(inner) && right.class === 'CONSTANT') {
    const [of, value] = [predicate(inner, scope), local(right, scope)];
    const wanted = value.type.kind === 'null' ? null : value.sql === 'TRUE';
    if (of.kind !== 'local') return { kind: 'is', of, value: wanted };
  }
  return distinct(expression(left, scope), expression(right, scope), of, scope);
}

function oneOf(of: Node, scope: Scope): Predicate {
  const [x, ...rest] = children(of).map((child) => expression(child, scope));
  const equals = rest.map((value) => compare('=', x!, value, of, scope));
  return connect('or', equals, of, scope);
}

function choose(of: Node, scope: Scope): Predicate {
  const checks = list(of.case_checks).map(node);
  const arms = checks.map(
    (check) => [predicate(node(check.when_expr), scope), predicate(node(check.then_expr), scope)] as const,
  );
  const otherwise = predicate(node(of.else_expr), scope);
  const locals = [...arms.flat(), otherwise].flatMap((part) => (part.kind === 'local' ? [part.value] : []));
  const sides = new Set(locals.map((value) => value.side));
  if (locals.length === arms.length * 2 + 1 && sides.size === 1) {
    const sql = printCase(
      arms.map(([when, then]) => [sqlOf(when), sqlOf(then)]),
      sqlOf(otherwise),
    );
    sideOf(locals, of, scope);
    return { kind: 'local', value: made(sql, { kind: 'boolean' }, locals, of, scope) };
  }
  return { kind: 'case', arms, otherwise };
}

function sqlOf(of: Predicate): string {
  return of.kind === 'local' ? of.value.sql : '';
}
