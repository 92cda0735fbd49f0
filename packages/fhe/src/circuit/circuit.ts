import { fault } from '@symbolon/crypto';
import { mostDepth, mostSecretDepth, plainModulus, slotCount } from '../parameters.ts';
import { checkSlots, validId } from '../table/layout.ts';

/**
 * A number in each row, from encrypted columns. Nodes refer to earlier ones by their place, so the list is in the order in which it is computed.
 * - `columns`: the sum of some columns.
 * - `product`: of two nodes.
 * - `choose`: Σ over branches of (the sum of the branch's columns) times a node, or times 1. Columns of all branches are of one set, of which at most one
 *   is not 0 in a row: so a row takes one branch, or none. Conditions are made of these, as decision diagrams are (Bryant, 1986).
 * - `model`: points that the server gives by a model that it alone knows: a number for each of some columns, which are whole sets. What is computed with
 *   them comes out as a total alone: see `Proven.secret`.
 */
export type Node =
  | { readonly op: 'columns'; readonly columns: readonly string[] }
  | { readonly op: 'model'; readonly model: string; readonly columns: readonly string[]; readonly most: number }
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
  /** A model of the server's is in it: its slots are hidden, what comes out is their sum alone (PROTOCOLS §7). */
  readonly secret: boolean;
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
    if (node.op === 'columns') proven.push({ depth: 0, most: mostOfSum(node.columns), secret: false });
    else if (node.op === 'model') proven.push(points(node));
    else if (node.op === 'product') proven.push(multiplied(earlier(node.left), earlier(node.right)));
    else proven.push(choice(node.branches));
  }
  for (const { depth, secret } of proven) {
    const deepest = secret ? mostSecretDepth : mostDepth;
    if (depth > deepest) {
      const what = secret ? 'with a secret model' : 'one after the other';
      throw refused(`it has ${depth} products ${what}, and ${deepest} are possible`);
    }
  }
  for (const output of outputs) {
    const of = proven[output];
    if (of === undefined) throw refused('an output of nothing');
    // Of what is secret, all rows together are one number.
    const sum = of.most * chunks * (of.secret ? slotCount - checkSlots : 1);
    if (sum >= plainModulus) throw refused(`a sum could reach ${sum}, and slots hold less than ${plainModulus}`);
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

  function points({ columns: ids, most }: Extract<Node, { op: 'model' }>): Proven {
    if (boundsOf(ids).some(({ set }) => set === null)) throw refused('points are given for values and bands alone');
    return { depth: 0, most, secret: true };
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
      const own: Proven = { depth: 0, most: mostOfSum(ids), secret: false };
      return times === null ? own : multiplied(own, earlier(times));
    });
    return {
      depth: Math.max(...each.map(({ depth }) => depth)),
      most: Math.max(...each.map(({ most }) => most)),
      secret: each.some(({ secret }) => secret),
    };
  }

  function multiplied(left: Proven, right: Proven): Proven {
    if (left.secret && right.secret) throw refused('it multiplies points of models');
    return {
      depth: 1 + Math.max(left.depth, right.depth),
      most: left.most * right.most,
      secret: left.secret || right.secret,
    };
  }
}

/** Of each output whether a secret model is in it. */
export function secretOutputs({ nodes, outputs }: Circuit): boolean[] {
  const secret: boolean[] = [];
  for (const node of nodes) secret.push(node.op === 'model' || operandsOf(node).some((place) => secret[place]));
  return outputs.map((place) => secret[place]!);
}

function isOneSet(bounds: readonly Bounds[]): boolean {
  const [first] = bounds;
  return first!.set !== null && bounds.every(({ set }) => set === first!.set);
}

/** The encrypted columns that a node needs. */
export function columnsOf(node: Node): readonly string[] {
  if (node.op === 'columns') return node.columns;
  if (node.op === 'model') return [...node.columns, validId];
  return node.op === 'choose' ? node.branches.flatMap(({ columns }) => columns) : [];
}

/** The earlier nodes that a node needs. */
export function operandsOf(node: Node): readonly number[] {
  if (node.op === 'product') return [node.left, node.right];
  return node.op === 'choose' ? node.branches.flatMap(({ times }) => times ?? []) : [];
}
