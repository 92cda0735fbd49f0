import { nearest } from '@symbolon/crypto';
import { list, type Node, node, text } from '@symbolon/sql';
import type { BoundJoin } from './bound.ts';
import type { CompiledSchema } from './rules.ts';
import type { AgreedJoin } from './schema.ts';
import { hint, type Scope, type Scoped } from './scope.ts';
import type { ColumnRef } from './value.ts';

type Equality = readonly [ColumnRef, ColumnRef];

/** What ON and USING say: which columns are equal, and the aliases of tables that are joined by `agreed`. */
interface Written {
  readonly equalities: Equality[];
  readonly agreed: (readonly [string, string])[];
}

const agreedOnly = 'tables are joined as the agreement says';

/** Reads FROM: puts its tables into the scope, the hub first, and returns the joins of the others with it. */
export function bindFrom(from: Node, schema: CompiledSchema, scope: Scope): BoundJoin[] {
  const written: Written = { equalities: [], agreed: [] };
  readTable(from, schema, scope, written);
  const [first] = scope.tables;
  if (scope.tables.length === 1) return [];
  const found = scope.tables
    .map((hub) => ({ hub, joins: joinsOf(hub, scope.tables, schema, written) }))
    .find(({ joins }) => joins !== undefined);
  if (found === undefined)
    throw scope.refuse(from, `${agreedOnly}: ${describe(schema.joins, scope.tables)}`, 'study-policy');
  if (found.hub !== first) {
    scope.tables.splice(scope.tables.indexOf(found.hub), 1);
    scope.tables.unshift(found.hub);
  }
  return found.joins!;
}

function readTable(of: Node, schema: CompiledSchema, scope: Scope, written: Written): void {
  if (of.type === 'JOIN') {
    readTable(node(of.left), schema, scope, written);
    const left = [...scope.tables];
    readTable(node(of.right), schema, scope, written);
    readJoin(of, left, scope, written);
    return;
  }
  if (of.type === 'EMPTY') throw scope.refuse(undefined, 'a study has a FROM with a table of the agreement');
  if (of.type === 'SUBQUERY') throw scope.refuse(of, 'a subquery cannot stand in FROM; write its table there');
  if (of.type !== 'BASE_TABLE')
    throw scope.refuse(
      of,
      `a ${text(of.type).toLowerCase().replaceAll('_', ' ')} cannot stand in FROM; write a table of the agreement`,
    );
  if (of.sample !== null) throw scope.refuse(of, 'a SAMPLE cannot stand in FROM; a study counts all rows');
  if (of.schema_name !== '' || of.catalog_name !== '' || of.at_clause !== null || list(of.column_name_alias).length > 0)
    throw scope.refuse(of, 'a table is written by its name alone, with a new name (AS) at most');
  const name = text(of.table_name).toLowerCase();
  const alias = (text(of.alias) || name).toLowerCase();
  if (!Object.hasOwn(schema.tables, name)) {
    const known = Object.keys(schema.tables);
    throw scope.refuse(of, `unknown table '${name}'${hint(nearest(name, known), known)}`, 'study-unknown-column');
  }
  if (scope.tables.some((table) => table.name === name))
    throw scope.refuse(of, `'${name}' stands twice in FROM; a table joins once`);
  if (scope.tables.some((table) => table.alias === alias))
    throw scope.refuse(of, `two tables are called '${alias}'; give one another name (AS)`);
  scope.tables.push({ name, alias, table: schema.tables[name]! });
}

function readJoin(of: Node, left: readonly Scoped[], scope: Scope, written: Written): void {
  const right = scope.tables.slice(left.length);
  const instead = 'write JOIN … USING (…) or JOIN … ON … = …';
  if (of.ref_type !== 'REGULAR')
    throw scope.refuse(of, `a ${text(of.ref_type).toLowerCase()} join is not supported; ${instead}`);
  if (of.join_type !== 'INNER')
    throw scope.refuse(
      of,
      `a ${text(of.join_type).toLowerCase()} join is not supported: a study is over the rows that all tables hold; ${instead}`,
    );
  for (const name of list(of.using_columns).map((column) => text(column).toLowerCase())) {
    const sides = [left, right].map((tables) => tables.find(({ table }) => Object.hasOwn(table.columns, name)));
    if (sides[0] === undefined || sides[1] === undefined)
      throw scope.refuse(of, `USING (${name}): both sides need a column '${name}'`, 'study-unknown-column');
    written.equalities.push([
      { table: sides[0].alias, column: name },
      { table: sides[1].alias, column: name },
    ]);
    scope.merged.add(name);
  }
  if (of.condition !== null) readOn(node(of.condition), scope, written);
}

function readOn(of: Node, scope: Scope, written: Written): void {
  if (of.type === 'CONJUNCTION_AND') {
    for (const part of list(of.children).map(node)) readOn(part, scope, written);
    return;
  }
  if (of.class === 'FUNCTION' && of.function_name === 'agreed') {
    written.agreed.push(agreedTables(of, scope));
    return;
  }
  const [left, right] = [of.left, of.right].map((side) => (side === undefined ? {} : node(side)));
  if (of.type !== 'COMPARE_EQUAL' || left!.class !== 'COLUMN_REF' || right!.class !== 'COLUMN_REF')
    throw scope.refuse(of, 'ON takes equalities of columns, joined by AND; write other conditions in WHERE');
  written.equalities.push([scope.find(left!), scope.find(right!)]);
}

/** `agreed(p, c)`: the rows of two tables that belong together by what the agreement says, other than by equal columns. */
function agreedTables(of: Node, scope: Scope): readonly [string, string] {
  const names = list(of.children)
    .map(node)
    .map((child) => (child.class === 'COLUMN_REF' ? list(child.column_names).map(text).join('.').toLowerCase() : ''));
  const [one, other] = names.map((name) => scope.tables.find(({ alias }) => alias === name)?.alias);
  if (names.length === 2 && one !== undefined && other !== undefined && one !== other) return [one, other];
  const [first, second] = scope.tables.map(({ alias }) => alias);
  throw scope.refuse(of, `agreed takes two tables of FROM by their names; write ON agreed(${first}, ${second})`);
}

/** The joins of all other tables with this hub, where what is written is just what the agreement has for them. */
function joinsOf(
  hub: Scoped,
  tables: readonly Scoped[],
  { joins: agreed, rules }: CompiledSchema,
  written: Written,
): BoundJoin[] | undefined {
  const classes = classesOf(written.equalities);
  const isAgreed = (spoke: Scoped): boolean =>
    written.agreed.some((pair) => pair.includes(hub.alias) && pair.includes(spoke.alias));
  const wanted = new Set<string>();
  const joins = tables
    .filter((table) => table !== hub)
    .map((spoke): BoundJoin | undefined => {
      const join = agreed.find((each) => each.hub === hub.name && each.spoke === spoke.name);
      if (join === undefined) return undefined;
      if (!('on' in join)) {
        if (!isAgreed(spoke)) return undefined;
        const { alias } = spoke;
        return 'rule' in join ? { spoke: alias, kind: 'rule', ...rules.get(join)! } : { spoke: alias, kind: 'linked' };
      }
      if (!join.on.every(([h, s]) => classes.get(`${hub.alias}.${h}`)?.has(`${spoke.alias}.${s}`))) return undefined;
      for (const [h, s] of join.on) wanted.add(`${hub.alias}.${h}`).add(`${spoke.alias}.${s}`);
      return { spoke: spoke.alias, kind: 'keys', on: join.on };
    });
  const covered = [...classes.keys()].every((column) => wanted.has(column));
  const used = written.agreed.length === joins.filter((join) => join !== undefined && join.kind !== 'keys').length;
  return covered && used && joins.every((join) => join !== undefined) ? joins : undefined;
}

/** For each column, all that are equal to it. */
function classesOf(equalities: readonly Equality[]): Map<string, Set<string>> {
  const classes = new Map<string, Set<string>>();
  for (const pair of equalities) {
    const names = pair.map(({ table, column }) => `${table}.${column}`);
    const all = new Set(names.flatMap((name) => [name, ...(classes.get(name) ?? [])]));
    for (const name of all) classes.set(name, all);
  }
  return classes;
}

function describe(joins: readonly AgreedJoin[], tables: readonly Scoped[]): string {
  const names = tables.map(({ name }) => name);
  const aliasOf = (name: string): string => tables.find((table) => table.name === name)!.alias;
  const as = (name: string): string => (aliasOf(name) === name ? name : `${name} ${aliasOf(name)}`);
  const some = joins
    .filter(({ hub, spoke }) => names.includes(hub) && names.includes(spoke))
    .map((join) => {
      const [h, s] = [aliasOf(join.hub), aliasOf(join.spoke)];
      const on = 'on' in join ? join.on.map(([x, y]) => `${h}.${x} = ${s}.${y}`).join(' AND ') : `agreed(${h}, ${s})`;
      return `write ${as(join.hub)} JOIN ${as(join.spoke)} ON ${on}`;
    });
  return some.length > 0 ? some.join('; ') : `it has no join of ${names.join(', ')}`;
}
