import { fault } from '@symbolon/crypto';
import { mostDepth, plainModulus } from '../parameters.ts';

/**
 * A number in each row, from encrypted columns. Nodes refer to earlier ones by their place, so the list is in the order in which it is computed.
 * - `columns`: the sum of some columns.
 * - `product`: of two nodes.
 * - `choose`: Σ over branches of (the sum of the branch's columns) times a node, or times 1. Columns of all branches are of one set, of which at most one
 *   is not 0 in a row: so a row takes one branch, or none. Conditions are made of these, as decision diagrams are (Bryant, 1986).
 */
export type Node =
  | { readonly op: 'columns'; readonly columns: readonly string[] }
  | { readonly op: 'product'; readonly left: number; readonly right: number }
  | { readonly op: 'choose'; readonly branches: readonly Branch[] };

/** @see Node */
export interface Branch {
  readonly columns: readonly string[];
  /** Null: 1. */
  readonly times: number | null;
}

/** Data, not code: what the owner approves is what the server evaluates. Shapes depend on public words alone. */
export interface Circuit {
  readonly nodes: readonly Node[];
  /** Places of nodes: what comes out of each is its sum over all chunks, slot by slot. */
  readonly outputs: readonly number[];
}

/** What both sides know of an encrypted column: see `EncodedColumn`. */
export interface Bounds {
  readonly most: number;
  readonly set: string | null;
}

/** Nodes and outputs of a circuit, at most. */
export const mostNodes = 4096;

/** What is proven of a node before anything is computed. */
export interface Proven {
  /** Products one after the other. */
  readonly depth: number;
  /** Largest value of a row. */
  readonly most: number;
}

/**
 * Proves that noise and sums stay in bounds, whatever the data are. Throws `circuit`, naming the bound.
 * Runs at: owner and server alike. @param columns bounds of each encrypted one @param chunks ciphertexts of a column
 * @returns of each node
 */
export function proveCircuit(
  { nodes, outputs }: Circuit,
  columns: ReadonlyMap<string, Bounds>,
  chunks: number,
): Proven[] {
  const refused = (why: string) => fault('circuit', `the question cannot be computed on encrypted data: ${why}`);
  if (nodes.length > mostNodes || outputs.length > mostNodes) throw refused(`it has more than ${mostNodes} parts`);
  if (outputs.length === 0) throw refused('nothing comes out');
  const proven: Proven[] = [];
  for (const node of nodes) {
    if (node.op === 'columns') proven.push({ depth: 0, most: mostOfSum(node.columns) });
    else if (node.op === 'product') proven.push(product(earlier(node.left), earlier(node.right)));
    else proven.push(choice(node.branches));
  }
  for (const { depth } of proven) {
    if (depth > mostDepth) throw refused(`it has ${depth} products one after the other, and ${mostDepth} are possible`);
  }
  for (const output of outputs) {
    const of = proven[output];
    if (of === undefined) throw refused('an output of nothing');
    if (of.most * chunks >= plainModulus) {
      throw refused(`a sum could reach ${of.most * chunks}, and slots hold less than ${plainModulus}`);
    }
  }
  return proven;

  function earlier(place: number): Proven {
    const found = proven[place];
    if (found === undefined) throw refused('a part refers to a later one');
    return found;
  }

  function boundsOf(ids: readonly string[]): Bounds[] {
    if (ids.length === 0 || new Set(ids).size < ids.length) throw refused('a sum of no columns, or of one twice');
    return ids.map((id) => {
      const found = columns.get(id);
      if (found === undefined) throw refused(`there is no column ${id}`);
      return found;
    });
  }

  function mostOfSum(ids: readonly string[]): number {
    const bounds = boundsOf(ids);
    const mosts = bounds.map(({ most }) => most);
    return isOneSet(bounds) ? Math.max(...mosts) : mosts.reduce((sum, most) => sum + most, 0);
  }

  function choice(branches: readonly Branch[]): Proven {
    const bounds = boundsOf(branches.flatMap((branch) => branch.columns));
    if (!isOneSet(bounds)) throw refused('a choice between columns that may both count');
    const each = branches.map(({ columns: ids, times }) => {
      const own: Proven = { depth: 0, most: mostOfSum(ids) };
      return times === null ? own : product(own, earlier(times));
    });
    return {
      depth: Math.max(...each.map(({ depth }) => depth)),
      most: Math.max(...each.map(({ most }) => most)),
    };
  }
}

function product(left: Proven, right: Proven): Proven {
  return { depth: 1 + Math.max(left.depth, right.depth), most: left.most * right.most };
}

function isOneSet(bounds: readonly Bounds[]): boolean {
  const [first] = bounds;
  return first!.set !== null && bounds.every(({ set }) => set === first!.set);
}

/** The encrypted columns that a node needs. */
export function columnsOf(node: Node): readonly string[] {
  if (node.op === 'columns') return node.columns;
  return node.op === 'choose' ? node.branches.flatMap(({ columns }) => columns) : [];
}

/** The earlier nodes that a node needs. */
export function operandsOf(node: Node): readonly number[] {
  if (node.op === 'product') return [node.left, node.right];
  return node.op === 'choose' ? node.branches.flatMap(({ times }) => times ?? []) : [];
}
