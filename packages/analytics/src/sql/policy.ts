import { fault } from '@symbolon/crypto';
import { type BoundAggregate, type BoundStudy, type ColumnUse, joinedOn, ownSupports } from './bound.ts';
import type { ColumnPolicy, Schema } from './schema.ts';

const widening: readonly ColumnPolicy[] = ['aggregate', 'filter', 'group'];

const allowed: Readonly<Record<ColumnPolicy, string>> = {
  hidden: 'it cannot be used',
  join: 'it may stand in the agreed join, and be counted where it is the patient',
  aggregate: 'it may stand only as the bare argument of SUM, AVG or a variance',
  filter: 'it may stand in conditions and in arguments of aggregates',
  group: 'it may stand in GROUP BY, in conditions and in arguments of aggregates',
};

type Tree = Pick<
  BoundStudy,
  'tables' | 'joins' | 'nodes' | 'where' | 'keys' | 'supports' | 'rests' | 'opened' | 'aggregates'
>;

/** Where each column stands, read off the bound tree. */
export function usesOf(bound: Tree): ColumnUse[] {
  const uses = new Map<string, ColumnUse>();
  const use = (table: string, column: string, how: ColumnUse['use'], clause: string): void => {
    uses.set(JSON.stringify([table, column, how, clause]), { table, column, use: how, clause });
  };
  const all = (nodes: readonly number[], how: ColumnUse['use'], clause: string): void => {
    for (const at of within(nodes, bound)) {
      const node = bound.nodes[at]!;
      if (node.op === 'local') for (const column of node.columns) use(node.table, column, how, clause);
    }
  };
  const [hub] = bound.tables;
  for (const join of bound.joins) {
    for (const [left, right] of joinedOn(join)) {
      use(hub!.alias, left, 'join', 'JOIN');
      use(join.spoke, right, 'join', 'JOIN');
    }
    if (join.kind !== 'rule') continue;
    for (const column of Object.keys(join.columns.a)) use(hub!.alias, column, 'join', 'JOIN');
    for (const column of Object.keys(join.columns.b)) use(join.spoke, column, 'join', 'JOIN');
  }
  all(bound.where, 'filter', 'WHERE');
  for (const { node } of bound.keys) {
    all([node], 'filter', 'GROUP BY');
    for (const at of shownBy(node, bound)) {
      const shown = bound.nodes[at]!;
      if (shown.op === 'local') for (const column of shown.shown) use(shown.table, column, 'group', 'GROUP BY');
    }
  }
  for (const { filters } of ownSupports(bound)) all(filters, 'filter', 'FILTER');
  for (const aggregate of bound.aggregates) {
    const clause = aggregate.kind.toUpperCase();
    if (aggregate.kind === 'patients') use(hub!.alias, hub!.patient, 'join', 'COUNT(DISTINCT …)');
    for (const at of argumentsOf(aggregate, bound)) {
      const node = bound.nodes[at]!;
      const bare =
        node.op === 'local' && node.bare && (bareAllowed.has(aggregate.kind) || countedAnyway(aggregate, at, bound));
      all([at], bare ? 'aggregate' : 'filter', clause);
    }
  }
  return [...uses.values()];
}

const bareAllowed: ReadonlySet<string> = new Set(['sum', 'avg', 'var_samp', 'stddev_samp']);

/** COUNT(x) where AVG(x) or a variance of x stands too: they open the same number. */
function countedAnyway({ kind, opened: [rows] }: BoundAggregate, at: number, bound: Tree): boolean {
  const opensIt = (other: BoundAggregate): boolean =>
    bareAllowed.has(other.kind) && other.opened.includes(rows!) && argumentsOf(other, bound).includes(at);
  return kind === 'count' && bound.aggregates.some(opensIt);
}

function argumentsOf({ opened }: BoundAggregate, bound: Tree): number[] {
  return opened.flatMap((place) => {
    const number = bound.opened[place]!;
    if (number.kind === 'sum') return number.factors;
    if (number.kind === 'quantile') return [number.of];
    return opened.length === 1 ? bound.supports[number.support]!.present : [];
  });
}

/** The nodes whose values can be read off a node: of a CASE its results, of a comparison none. */
function shownBy(at: number, bound: Tree, found = new Set<number>()): ReadonlySet<number> {
  const node = bound.nodes[at]!;
  if (found.has(at) || !('of' in node) || ['zero', 'negative', 'null'].includes(node.op)) return found.add(at);
  found.add(at);
  const parts = node.op === 'case' ? node.of.filter((_, i) => i % 2 === 1 || i === node.of.length - 1) : node.of;
  for (const part of parts) shownBy(part, bound, found);
  return found;
}

/** The nodes and all that they are made of. */
export function within(nodes: readonly number[], { nodes: all }: Pick<BoundStudy, 'nodes'>): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (at: number): void => {
    const node = all[at]!;
    if (found.has(at)) return;
    found.add(at);
    if ('of' in node) node.of.forEach(visit);
  };
  nodes.forEach(visit);
  return found;
}

/**
 * Holds every column of a bound study against its policy.
 * @throws SymbolonError `study-policy`, naming column, policy and clause
 */
export function checkPolicy(bound: Pick<BoundStudy, 'tables' | 'uses'>, schema: Schema): void {
  for (const { table, column, use, clause } of bound.uses) {
    const { name } = bound.tables.find(({ alias }) => alias === table)!;
    const { policy } = schema.tables[name]!.columns[column]!;
    if (permits(policy, use)) continue;
    throw fault(
      'study-policy',
      `${name}.${column} stands in ${clause}, and its policy is '${policy}': ${allowed[policy]}`,
      {
        culprit: `${name}.${column}`,
      },
    );
  }
}

// The agreed join and the patient column are the agreement's own words: only `hidden` withdraws them.
function permits(policy: ColumnPolicy, use: ColumnUse['use']): boolean {
  if (policy === 'hidden') return false;
  return use === 'join' || widening.indexOf(policy) >= widening.indexOf(use);
}
