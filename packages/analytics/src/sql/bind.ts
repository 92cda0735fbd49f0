import { canonicalBytes, hashLabelled } from '@symbolon/crypto';
import { children, list, type Node, node, type SqlParser, text } from '@symbolon/sql';
import { named, printAfter, type Released } from './after.ts';
import { Aggregates, conjuncts } from './aggregates.ts';
import { parseStudy, type Source } from './ast.ts';
import type { BoundKey, BoundStudy } from './bound.ts';
import { condition, grouped } from './condition.ts';
import { expression } from './expression.ts';
import { bindFrom } from './from.ts';
import { keyOf } from './keys.ts';
import { literal } from './literal.ts';
import { checkPolicy, usesOf } from './policy.ts';
import { withRests } from './rests.ts';
import { type CompiledSchema, compileSchema } from './rules.ts';
import type { Schema } from './schema.ts';
import { Scope } from './scope.ts';

/** Most cells of known keys. */
const maxCells = 65_536;

/**
 * Binds a study, one SQL SELECT, to what the agreement says of the data: what each owner computes alone, what is made of several tables'
 * values, what opens, and what is shown of it. Runs at every party, with the same result.
 *
 * Throws `study-syntax`, `study-unknown-column`, `study-unsupported` with what to write instead, `study-policy`, and `plan-range` where
 * a number could leave its width; all quote the study.
 */
export async function bindStudy(sql: string, schema: Schema, parser: SqlParser): Promise<BoundStudy> {
  const source = await parseStudy(sql, parser);
  return bindSelect(source, sql, await compileSchema(schema, source, parser));
}

/**
 * Binds a parsed SELECT.
 * @param sql the study as it was written
 * @param allOrNone a cell opens all of its numbers or none; no rests are held against k, so where one set of rows holds another, what is left of it
 *   must be made of sets that stand behind numbers too
 */
export function bindSelect(source: Source, sql: string, schema: CompiledSchema, allOrNone = false): BoundStudy {
  const { select } = source;
  const { scope, tables, joins, where } = bindPopulation(source, schema);
  const selected = list(select.select_list).map(node);
  const items = new Map(
    selected.filter(({ alias }) => alias !== '').map((item) => [text(item.alias).toLowerCase(), item]),
  );
  const groups = list(select.group_expressions).map((group) => groupOf(node(group), selected, items, scope));
  const keys = groups.map((group) => bindKey(group, scope));
  const aggregates = new Aggregates(scope, BigInt(tables[0]!.maxRows) * BigInt(tables[0]!.parties.length));
  const released: Released = { scope, groups, aggregates, items };
  const after = {
    select: selected.map((item) => printAfter(item, released)),
    having: select.having === null ? null : printAfter(node(select.having), released),
    ...modifiers(select, selected, released),
  };
  if (aggregates.all.length === 0)
    throw scope.refuse(
      selected[0],
      'a study releases aggregates, never rows; write COUNT(*), SUM, AVG …, with GROUP BY',
    );
  const { supports, rests } = allOrNone
    ? { supports: aggregates.supports, rests: [] }
    : withRests(aggregates.supports, aggregates.opened, scope);
  const tree = {
    kind: 'study/1',
    sql,
    tables,
    joins,
    nodes: scope.nodes.all,
    where,
    keys,
    cells: cellsOf(keys, groups, scope),
    supports,
    rests,
    opened: aggregates.opened,
    aggregates: aggregates.all,
    columns: columnNames(selected),
    after,
    release: releaseOf(schema, allOrNone),
  } as const;
  const bound = { ...tree, uses: usesOf(tree) };
  checkPolicy(bound, schema);
  return bound;
}

/** FROM and WHERE of a SELECT, and the scope of what else stands in it. */
export interface Population extends Pick<BoundStudy, 'tables' | 'joins' | 'where'> {
  readonly scope: Scope;
}

export function bindPopulation(source: Source, schema: CompiledSchema): Population {
  const scope = new Scope(source);
  refuseClauses(source.select, scope);
  const joins = bindFrom(node(source.select.from_table), schema, scope);
  const tables = scope.tables.map(({ name, alias, table: { parties, maxRows, patient, onePerPatient } }) => ({
    name,
    alias,
    parties,
    maxRows,
    patient,
    onePerPatient: onePerPatient === true,
  }));
  return { scope, tables, joins, where: bindWhere(source.select.where_clause, scope) };
}

export function releaseOf({ minPatients, allowEmptyParty }: Schema, allOrNone: boolean): BoundStudy['release'] {
  return { minPatients, allowEmptyParty: allowEmptyParty === true, allOrNone };
}

/** SHA-256 of the study's canonical JSON (RFC 8785), 32 bytes: what is approved is what is run. */
export function studyHash(bound: BoundStudy): Uint8Array {
  return hashLabelled('symbolon study', canonicalBytes(bound));
}

function refuseClauses(select: Node, scope: Scope): void {
  const refuse = (what: string): Error => scope.refuse(undefined, what);
  if (list(node(select.cte_map).map).length > 0) throw refuse('WITH cannot stand in a study; write its tables in FROM');
  if (select.qualify !== null) throw refuse('QUALIFY cannot stand in a study; write HAVING');
  if (select.sample !== null) throw refuse('a SAMPLE cannot stand in a study; a study counts all rows');
  if (select.aggregate_handling !== 'STANDARD_HANDLING')
    throw refuse('GROUP BY ALL cannot stand in a study; name the expressions: GROUP BY region, sex');
  const [sets, groups] = [list(select.group_sets), list(select.group_expressions)];
  if (sets.length > 1 || (sets.length === 1 && list(sets[0]).length !== groups.length))
    throw refuse('ROLLUP, CUBE and GROUPING SETS cannot stand in a study; totals are sums of the cells that are shown');
}

function bindWhere(of: unknown, scope: Scope): number[] {
  if (of === null) return [];
  const parts = conjuncts(node(of)).map((part) => {
    if (part.type === 'OPERATOR_IS_NOT_NULL') scope.present.add(expression(children(part)[0]!, scope).sql);
    return condition(part, scope);
  });
  return grouped('and', parts, node(of), scope)
    .filter(({ literal }) => literal !== true)
    .map((part) => scope.nodes.of(part));
}

/** GROUP BY 2 and GROUP BY alias mean an item of the SELECT list. */
function groupOf(of: Node, selected: readonly Node[], items: ReadonlyMap<string, Node>, scope: Scope): Node {
  if (of.class === 'COLUMN_REF') return named(of, { scope, items }) ?? of;
  return placed(of, selected, 'GROUP BY', scope) ?? of;
}

function placed(of: Node, selected: readonly Node[], clause: string, scope: Scope): Node | undefined {
  if (of.class !== 'CONSTANT') return undefined;
  const number = literal(of)?.literal;
  const item = typeof number === 'object' && number?.scale === 0 ? selected[Number(number.value) - 1] : undefined;
  if (item === undefined)
    throw scope.refuse(
      of,
      `${clause} takes expressions, names of the SELECT list, or places in it from 1 to ${selected.length}`,
    );
  return item;
}

function bindKey(group: Node, scope: Scope): BoundKey {
  const value = expression(group, scope);
  if (value.type.kind === 'null') throw scope.refuse(group, 'GROUP BY takes an expression, not NULL');
  if (value.node !== undefined && value.type.kind === 'text' && value.type.values === undefined)
    throw scope.refuse(group, 'a text over several tables needs agreed values');
  const at = scope.nodes.of(value);
  return keyOf(at, scope.nodes.all[at]!);
}

function cellsOf(keys: readonly BoundKey[], groups: readonly Node[], scope: Scope): number | null {
  const cells = keys.reduce<number | null>(
    (product, { size }) => (product === null || size === null ? null : product * size),
    1,
  );
  if (cells !== null && cells > maxCells)
    throw scope.refuse(
      groups[0],
      `GROUP BY makes ${cells} cells, and ${maxCells} are the most; group by fewer or coarser values`,
    );
  return cells;
}

function modifiers(
  select: Node,
  selected: readonly Node[],
  released: Released,
): Pick<BoundStudy['after'], 'orderBy' | 'limit' | 'offset'> {
  const { scope } = released;
  let orderBy: string[] = [];
  let limit: number | null = null;
  let offset: number | null = null;
  for (const modifier of list(select.modifiers).map(node)) {
    if (modifier.type === 'ORDER_MODIFIER')
      orderBy = list(modifier.orders).map((order) => printOrder(node(order), selected, released));
    else if (modifier.type === 'LIMIT_MODIFIER') {
      limit = wholeOf(modifier.limit, 'LIMIT', scope);
      offset = wholeOf(modifier.offset, 'OFFSET', scope);
    } else if (modifier.type === 'DISTINCT_MODIFIER')
      throw scope.refuse(selected[0], 'SELECT DISTINCT cannot stand in a study; write GROUP BY');
    else
      throw scope.refuse(
        undefined,
        `${text(modifier.type).toLowerCase().replaceAll('_', ' ')} cannot stand in a study; write LIMIT with a whole number`,
      );
  }
  return { orderBy, limit, offset };
}

const orders: Readonly<Record<string, string>> = {
  ORDER_DEFAULT: '',
  ASCENDING: ' ASC',
  DESCENDING: ' DESC',
  'NULLS FIRST': ' NULLS FIRST',
  'NULLS LAST': ' NULLS LAST',
  NULLS_FIRST: ' NULLS FIRST',
  NULLS_LAST: ' NULLS LAST',
};

function printOrder(order: Node, selected: readonly Node[], released: Released): string {
  const of = node(order.expression);
  const { scope, items } = released;
  const [name, ...more] = of.class === 'COLUMN_REF' ? list(of.column_names).map(text) : [];
  const item =
    name !== undefined && more.length === 0 ? items.get(name.toLowerCase()) : placed(of, selected, 'ORDER BY', scope);
  const [direction, nulls] = [orders[text(order.type)], orders[text(order.null_order)]];
  if (direction === undefined || nulls === undefined)
    throw scope.refuse(of, 'ORDER BY takes ASC, DESC, NULLS FIRST and NULLS LAST');
  return `${printAfter(item ?? of, released)}${direction}${nulls}`;
}

function wholeOf(of: unknown, clause: string, scope: Scope): number | null {
  if (of === null) return null;
  const value = node(of).class === 'CONSTANT' ? literal(node(of))?.literal : undefined;
  if (typeof value === 'object' && value?.scale === 0 && value.value >= 0n) return Number(value.value);
  throw scope.refuse(node(of), `${clause} takes a whole number`);
}

/** Names of the result: aliases, columns, functions; each once. */
export function columnNames(selected: readonly Node[]): string[] {
  const taken = new Set<string>();
  return selected.map((item) => {
    const own = text(item.alias) || nameOf(item);
    let name = own;
    for (let i = 1; taken.has(name.toLowerCase()); i++) name = `${own}_${i}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

function nameOf(item: Node): string {
  if (item.class === 'COLUMN_REF') return text(list(item.column_names).at(-1));
  const name = item.class === 'FUNCTION' ? text(item.function_name) : '';
  return name === 'count_star' ? 'count' : /^[a-z_]+$/.test(name) ? name : 'value';
}
