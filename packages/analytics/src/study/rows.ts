import type { Node } from '@symbolon/sql';
import type { Source } from '../sql/ast.ts';
import { bindPopulation, releaseOf } from '../sql/bind.ts';
import type { BoundStudy, ColumnUse } from '../sql/bound.ts';
import { checkPolicy, usesOf } from '../sql/policy.ts';
import type { CompiledSchema } from '../sql/rules.ts';
import type { Scope } from '../sql/scope.ts';
import type { BoundRows } from './bound-method.ts';
import { type Item, readItems } from './items.ts';
import type { Method } from './methods.ts';
import { every, isPresent } from './tree.ts';

/** The rows of a method while it is bound. */
export interface OpenRows {
  /** The SELECT, whose WHERE lets no item be NULL but those of role `value`. */
  readonly source: Source;
  readonly items: readonly Item[];
  /** Takes more nodes of the rows, until they are closed. */
  readonly scope: Scope;
  close(): BoundRows;
}

/**
 * Binds the SELECT of a method: a row counts where WHERE is TRUE and no item that the method needs is NULL.
 * @throws SymbolonError `study-policy`, naming column, policy and item
 */
export function bindRows(written: Source, schema: CompiledSchema, method: Method): OpenRows {
  const needed = readItems(written, bindPopulation(written, schema), method)
    .filter(({ role, nullable }) => role !== 'value' && nullable)
    .map(({ tree }) => isPresent(tree));
  const source = withWhere(written, needed);
  const population = bindPopulation(source, schema);
  const items = readItems(source, population, method);
  const { scope, tables, joins, where } = population;
  const plain = {
    tables,
    joins,
    where,
    nodes: scope.nodes.all,
    keys: [],
    supports: [],
    rests: [],
    opened: [],
    aggregates: [],
  };
  const uses = [...items.flatMap((item) => usesOfItem(item, method, plain)), ...usesOf(plain)];
  checkPolicy({ tables, uses }, schema);
  const close = (): BoundRows => ({
    kind: 'rows/1',
    tables,
    joins,
    nodes: scope.nodes.all,
    where,
    items: items.map(({ name, node }) => ({ name, node })),
    release: releaseOf(schema, true),
    uses,
  });
  return { source, items, scope, close };
}

/** The same SELECT, of the rows where these conditions are TRUE too. */
export function withWhere(source: Source, conditions: readonly Node[]): Source {
  const { where_clause } = source.select;
  const all = [...(where_clause === null ? [] : [where_clause as Node]), ...conditions];
  return { ...source, select: { ...source.select, where_clause: every(all) } };
}

/** Where columns stand in an item: like a key, like an argument of SUM, or like a condition. */
function usesOfItem({ name, role, node }: Item, method: Method, plain: Parameters<typeof usesOf>[0]): ColumnUse[] {
  const sum = { kind: 'sum', support: 0, factors: [node], centres: ['0'], range: ['0', '0'] } as const;
  const alone: Partial<BoundStudy> =
    role === 'group' || role === 'boolean'
      ? { keys: [{ node, size: null }] }
      : role === 'value'
        ? { opened: [sum], aggregates: [{ kind: 'sum', opened: [0], scale: 0, sql: '' }] }
        : { supports: [{ filters: [node], present: [] }] };
  const uses = usesOf({ ...plain, joins: [], where: [], ...alone });
  return uses.map((use) => ({ ...use, clause: `${name} of ${method.name}` }));
}
