/** Parts of a SELECT as DuckDB's parser would give them, made of parts that it gave. They have no place in the study's text. */
import { type Decimal, type Node, parseDecimal } from '@symbolon/sql';
import type { Item } from './items.ts';

/** A function or an aggregate. @param filter the rows of an aggregate, where all of these are TRUE */
export function call(name: string, args: readonly Node[], filter: readonly Node[] = []): Node {
  return {
    class: 'FUNCTION',
    type: 'FUNCTION',
    alias: '',
    function_name: name,
    schema: '',
    catalog: '',
    children: args,
    filter: every(filter),
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: false,
    export_state: false,
  };
}

export function countRows(filter: readonly Node[] = []): Node {
  return call('count_star', [], filter);
}

/** All of the conditions; null of none. */
export function every(conditions: readonly Node[]): Node | null {
  if (conditions.length < 2) return conditions[0] ?? null;
  return { class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', children: conditions };
}

export function either(conditions: readonly Node[]): Node {
  return { class: 'CONJUNCTION', type: 'CONJUNCTION_OR', alias: '', children: conditions };
}

export function isPresent(of: Node): Node {
  return { class: 'OPERATOR', type: 'OPERATOR_IS_NOT_NULL', alias: '', children: [of] };
}

export function not(of: Node): Node {
  return { class: 'OPERATOR', type: 'OPERATOR_NOT', alias: '', children: [of] };
}

const types = {
  '=': 'COMPARE_EQUAL',
  '<': 'COMPARE_LESSTHAN',
  '>=': 'COMPARE_GREATERTHANOREQUALTO',
  '<=': 'COMPARE_LESSTHANOREQUALTO',
};

export function compare(left: Node, op: keyof typeof types, right: Node): Node {
  return { class: 'COMPARISON', type: types[op], alias: '', left, right };
}

/** Whether an item has one of the values that are known of it; a text beside a date is a date. */
export function isLevel({ tree, type }: Pick<Item, 'tree' | 'type'>, level: string): Node {
  if (type.kind === 'boolean') return level === 'true' ? tree : not(tree);
  return compare(tree, '=', constant(type.kind === 'number' ? parseDecimal(level)! : level));
}

/** The first `then` whose `when` is TRUE, else NULL. */
export function choose(arms: readonly (readonly [when: Node, then: Node])[]): Node {
  return {
    class: 'CASE',
    type: 'CASE_EXPR',
    alias: '',
    case_checks: arms.map(([when_expr, then_expr]) => ({ when_expr, then_expr })),
    else_expr: value({ id: 'NULL', type_info: null }, undefined),
  };
}

/** A text; or a decimal of at most 15 digits. */
export function constant(of: string | Decimal): Node {
  if (typeof of === 'string') return value({ id: 'VARCHAR', type_info: null }, of);
  const { scale } = of;
  const type = scale === 0 ? { id: 'BIGINT', type_info: null } : { id: 'DECIMAL', type_info: { width: 18, scale } };
  return value(type, Number(of.value));
}

function value(type: unknown, of: string | number | undefined): Node {
  return {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    value: { type, is_null: of === undefined, value: of },
  };
}

/** The same under another name. */
export function named(of: Node, alias: string): Node {
  return { ...of, alias };
}
