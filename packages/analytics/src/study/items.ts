import { nearest } from '@symbolon/crypto';
import { list, type Node, node, text } from '@symbolon/sql';
import { aggregateNames } from '../sql/aggregate-names.ts';
import type { Source } from '../sql/ast.ts';
import { columnNames, type Population } from '../sql/bind.ts';
import type { NodeType } from '../sql/bound.ts';
import { expression } from '../sql/expression.ts';
import { keyOf, keyValues } from '../sql/keys.ts';
import { type Method, methods, type Role } from './methods.ts';
import { named } from './tree.ts';

/** An item of a method's SELECT. */
export interface Item {
  readonly name: string;
  readonly role: Role;
  readonly node: number;
  readonly type: NodeType;
  readonly nullable: boolean;
  /** As it stands in the SELECT. */
  readonly tree: Node;
}

/** Clauses that a method's SELECT does not have: what to write. */
const refused: readonly [clause: string, isThere: (select: Node) => boolean, instead: string][] = [
  [
    'GROUP BY',
    ({ group_expressions }) => list(group_expressions).length > 0,
    'a method groups its rows itself; give an item a name that it groups by',
  ],
  ['HAVING', ({ having }) => having !== null, 'a method takes all rows; write WHERE'],
  ['DISTINCT, ORDER BY or LIMIT', ({ modifiers }) => list(modifiers).length > 0, 'a method takes all rows'],
];

/**
 * The items of a method's SELECT, each with its role.
 * @throws SymbolonError `study-unsupported` where one is missing, unknown, or of a type that its role does not take
 */
export function readItems(source: Source, { scope }: Population, method: Method): Item[] {
  for (const [clause, isThere, instead] of refused)
    if (isThere(source.select)) throw source.refuse(undefined, `${clause} cannot stand beside a method; ${instead}`);
  const selected = list(source.select.select_list).map(node);
  for (const item of selected) {
    if (item.class === 'STAR') throw source.refuse(item, '* would give every column; name the items of the method');
    if (item.class !== 'FUNCTION' || !aggregateNames.has(text(item.function_name).toLowerCase())) continue;
    throw source.refuse(item, 'an aggregate cannot stand beside a method, which takes rows; write the value alone');
  }
  const names = columnNames(selected).map((name) => name.toLowerCase());
  const strange = names.findIndex((name) => !/^[a-z_][a-z0-9_]*$/.test(name));
  if (strange >= 0)
    throw source.refuse(selected[strange], 'an item has a name like visits_before; write … AS visits_before');
  const roles = rolesOf(names, method);
  if (typeof roles === 'string') throw source.refuse(undefined, roles);
  return selected.map((item, i) => {
    const tree = named(item, '');
    const value = expression(tree, scope);
    if (value.type.kind === 'null') throw source.refuse(item, `${names[i]} is always NULL`);
    const at = scope.nodes.of(value);
    const { type, nullable } = scope.nodes.all[at]!;
    const read = { name: names[i]!, role: roles[i]!, node: at, type, nullable, tree };
    const wrong = wrongType(read);
    if (wrong !== undefined) throw source.refuse(item, `${read.name} of ${method.name}: ${wrong}`);
    return read;
  });
}

/** The role of each item by its name; a text says what is wrong with the names. */
export function rolesOf(names: readonly string[], { name }: Pick<Method, 'name'>): Role[] | string {
  const { items, others, by } = methods[name];
  const rest = (own: Readonly<Record<string, Role>>): string[] =>
    names.filter((item) => !Object.hasOwn(own, item) && !(by && item === 'by'));
  const fits = (own: Readonly<Record<string, Role>>): boolean =>
    Object.keys(own).every((item) => names.includes(item)) && (others !== undefined || rest(own).length === 0);
  const own = items.find(fits);
  if (own === undefined) return misnamed(names, name);
  if (others !== undefined && rest(own).length === 0) return `${name} needs an item more, under any name`;
  return names.map((item) => (Object.hasOwn(own, item) ? own[item]! : by && item === 'by' ? 'group' : others!));
}

function misnamed(names: readonly string[], name: Method['name']): string {
  const { items, by } = methods[name];
  const lists = items.map((own) => Object.keys(own));
  const known = [...new Set([...lists.flat(), ...(by ? ['by'] : [])])];
  const unknown = names.find((item) => !known.includes(item));
  const near =
    unknown === undefined
      ? undefined
      : nearest(
          unknown,
          known.filter((item) => !names.includes(item)),
        );
  const takes = `${name} takes items called ${lists.map((own) => own.join(', ')).join('; or ')}${by ? ', and may have one called by' : ''}`;
  const meant = near === undefined ? '' : `; did you mean ${near} by ${unknown}?`;
  return `${takes}: write v.cost AS ${lists[0]![0] ?? 'cost'}; yours are ${names.join(', ')}${meant}`;
}

function wrongType({ role, type, ...item }: Item): string | undefined {
  switch (role) {
    case 'value':
    case 'number':
      if (type.kind === 'number') return undefined;
      return `a number is needed, and this is a ${type.kind === 'code' ? 'text' : type.kind}; write ${
        type.kind === 'date'
          ? "date_diff('day', from, to)"
          : type.kind === 'boolean'
            ? 'CAST(… AS INTEGER)'
            : 'a CAST, or CASE WHEN … THEN 1 ELSE 0 END'
      }`;
    case 'boolean':
    case 'outcome':
      return type.kind === 'boolean'
        ? undefined
        : `TRUE or FALSE is needed, and this is a ${type.kind === 'code' ? 'text' : type.kind}; write a comparison, such as x = 1`;
    case 'covariate':
      if (type.kind === 'number') return undefined;
      if (type.kind === 'date') return "a date is no covariate; write date_diff('day', from, to)";
      return levelsOf({ type, ...item }).length > 0 ? undefined : unknownValues;
    case 'group':
      return levelsOf({ type, ...item }).length > 0 ? undefined : unknownValues;
  }
}

const unknownValues =
  'its values are not known before; list the values of its column in the agreement, or write CASE WHEN … THEN … END';

/** The values that an item may have, in their order; none where they are not known before. */
export function levelsOf({ node: at, type, nullable }: Pick<Item, 'node' | 'type' | 'nullable'>): string[] {
  const of = { type, nullable };
  return (keyValues(keyOf(at, of), of) ?? []).filter((value) => value !== null);
}
