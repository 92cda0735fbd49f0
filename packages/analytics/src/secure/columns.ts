import type { RuleJoin } from '../join/index.ts';
import type { BoundStudy } from '../sql/index.ts';
import { within } from '../sql/policy.ts';
import { codeShape } from './codes.ts';
import { isSorted, keyPlan } from './keys.ts';
import { type Interval, rangeOf, withZero } from './nodes.ts';

/**
 * How a local node travels from its owner: `word`, its whole number in 64 bits; `truth`, where it is TRUE; `none`, where it is NULL; `hot`, for a key
 * whose values are known, where it has the value number `place` (NULL is the last). For a key that rows are sorted by: `code`, its code as a word; `bits`, the
 * same as rows of bits; `text`, word number `place` of its text.
 */
export interface LaneColumn {
  readonly node: number;
  readonly form: 'word' | 'truth' | 'none' | 'hot' | 'code' | 'bits' | 'text';
  readonly place: number;
}

/** Joined rows of which a plan computes some values: what a study's SELECT says of them, and no aggregate. */
export interface Rows extends Pick<BoundStudy, 'tables' | 'joins' | 'nodes' | 'where' | 'keys' | 'cells'> {
  /** Nodes whose values, or whether they are NULL, are asked of a lane; those of `where` and `keys` are known anyway. */
  readonly read: readonly number[];
}

/** The rows of a study's own aggregates. */
export function rowsOf(bound: BoundStudy): Rows {
  const { tables, joins, nodes, where, keys, cells, supports, opened } = bound;
  const numbers = opened.flatMap((number) =>
    number.kind === 'sum' ? number.factors : number.kind === 'quantile' ? [number.of] : [],
  );
  const read = [...supports.flatMap(({ filters, present }) => [...filters, ...present]), ...numbers];
  return { tables, joins, nodes, where, keys, cells, read };
}

/** Whether a local node of the hub is in its owner's row bit already: WHERE is part of it. */
export function isRowCondition({ nodes, where, tables }: Rows, at: number): boolean {
  const node = nodes[at]!;
  return where.includes(at) && node.op === 'local' && node.table === tables[0]!.alias;
}

/** What the owner of a table gives for each of its rows; the same list at all parties. */
export function columnsOf(rows: Rows, alias: string): LaneColumn[] {
  const { keys, nodes, where } = rows;
  const { hot } = keyPlan(rows);
  const isHub = alias === rows.tables[0]!.alias;
  const coded = isSorted(rows) ? keys.map(({ node }) => node).filter((at) => nodes[at]!.op === 'local') : [];
  const roots = [
    ...where.filter((at) => !isRowCondition(rows, at)),
    ...rows.read,
    ...keys.map(({ node }) => node).filter((at) => !hot.includes(at) && !coded.includes(at)),
  ];
  const read = within(roots, rows);
  return nodes.flatMap((node, at): LaneColumn[] => {
    if (node.op !== 'local' || node.table !== alias) return [];
    const size = hot.includes(at) ? keys.find((key) => key.node === at)!.size! : 0;
    const column = (form: LaneColumn['form'], place = 0): LaneColumn => ({ node: at, form, place });
    const value = read.has(at) ? [column(node.type.kind === 'boolean' ? 'truth' : 'word')] : [];
    const none = read.has(at) && node.nullable ? [column('none')] : [];
    const code = coded.includes(at) ? [column('code'), ...(isHub ? [column('bits')] : [])] : [];
    const texts = coded.includes(at) ? codeShape(node).texts : 0;
    const text = Array.from({ length: texts }, (_, place) => column('text', place));
    return [...value, ...none, ...code, ...text, ...Array.from({ length: size }, (_, place) => column('hot', place))];
  });
}

/** As a spoke stores it for each of its entries. */
export function meetColumn(column: LaneColumn): RuleJoin['columns'][number] {
  return isWord(column) ? { kind: 'word', ring: 64 } : { kind: 'bit' };
}

export function isWord({ form }: LaneColumn): boolean {
  return form === 'word' || form === 'code' || form === 'text';
}

/** What its words lie in, where that is known; where a lane is empty they are 0. */
export function wordRange({ nodes }: Rows, { node, form }: LaneColumn): Interval | undefined {
  if (form === 'text') return undefined;
  if (form === 'word') return withZero(rangeOf(nodes[node]!.type));
  const { most } = codeShape(nodes[node]!);
  return most === undefined ? undefined : [0n, most];
}
