import { fault } from '@symbolon/crypto';
import { mostDepth, plainModulus } from '../parameters.ts';

/**
 * A number in each row, from encrypted columns. Nodes refer to earlier ones by their place, so the list is in the order in which it is computed.
 * - `columns`: the sum of some columns.
 * - `product`: of two nodes; of indicators, AND.
 * - `either`: a + b − ab; of indicators, OR.
 */
export type Node =
  | { readonly op: 'columns'; readonly columns: readonly string[] }
  | { readonly op: 'product' | 'either'; readonly left: number; readonly right: number };

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
    if (node.op === 'columns') {
      proven.push({ depth: 0, most: mostOfSum(node.columns) });
      continue;
    }
    const [left, right] = [proven[node.left], proven[node.right]];
    if (left === undefined || right === undefined) throw refused('a part refers to a later one');
    if (node.op === 'either' && (left.most > 1 || right.most > 1)) throw refused('OR of what is not a condition');
    const most = node.op === 'product' ? left.most * right.most : 1;
    proven.push({ depth: 1 + Math.max(left.depth, right.depth), most });
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

  function mostOfSum(ids: readonly string[]): number {
    if (ids.length === 0 || new Set(ids).size < ids.length) throw refused('a sum of no columns, or of one twice');
    const bounds = ids.map((id) => {
      const found = columns.get(id);
      if (found === undefined) throw refused(`there is no column ${id}`);
      return found;
    });
    const [{ set }] = bounds as [Bounds];
    const isOneHot = set !== null && bounds.every((one) => one.set === set);
    const mosts = bounds.map(({ most }) => most);
    return isOneHot ? Math.max(...mosts) : mosts.reduce((sum, most) => sum + most, 0);
  }
}

/** The encrypted columns that a circuit needs, each once. */
export function columnsOf({ nodes }: Circuit): string[] {
  return [...new Set(nodes.flatMap((node) => (node.op === 'columns' ? node.columns : [])))];
}
