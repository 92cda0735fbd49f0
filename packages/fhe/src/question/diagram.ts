import { type Branch, type Circuit, type Node, operandsOf } from '../circuit/circuit.ts';
import { validId } from '../table/layout.ts';
import type { Domain } from './domains.ts';

/** Whether a row counts, by the classes of its columns, in the order of the domains. */
export type Condition = (classes: readonly number[]) => boolean;

/** A condition as a part of the circuit: never, always, or a node. */
type Part = 'never' | 'always' | number;

/** The nodes of a circuit, each kept once. */
export class CircuitNodes {
  readonly all: Node[] = [];
  readonly #places = new Map<string, number>();

  /** The place of a node. */
  add(node: Node): number {
    const key = JSON.stringify(node);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.all.push(node) - 1);
    return this.all.length - 1;
  }

  /** The node of a condition over some domains; undefined where no row can meet it. */
  condition(domains: readonly Domain[], holds: Condition): number | undefined {
    const part = this.#choice(domains, [], holds);
    if (part === 'never') return undefined;
    return part === 'always' ? this.add({ op: 'columns', columns: [validId] }) : this.#balanced(part);
  }

  /**
   * The same with fewer products one after the other: choices of one branch, each within the other, are a conjunction, and those are multiplied two by
   * two.
   */
  #balanced(place: number): number {
    const factors: number[] = [];
    let rest: number | null = place;
    while (rest !== null) {
      const node: Node = this.all[rest]!;
      const [only, ...others]: readonly Branch[] = node.op === 'choose' ? node.branches : [];
      if (only === undefined || others.length > 0) {
        factors.push(rest);
        break;
      }
      factors.push(this.add({ op: 'columns', columns: only.columns }));
      rest = only.times;
    }
    while (factors.length > 1) {
      const pairs = factors.splice(0).reverse();
      while (pairs.length > 1)
        factors.unshift(this.add({ op: 'product', left: pairs.shift()!, right: pairs.shift()! }));
      factors.unshift(...pairs);
    }
    return factors[0]!;
  }

  /** A reduced ordered decision diagram (Bryant, 1986), built by trying all classes: a column that makes no difference does not stand in it. */
  #choice(domains: readonly Domain[], chosen: readonly number[], holds: Condition): Part {
    const domain = domains[chosen.length];
    if (domain === undefined) return holds(chosen) ? 'always' : 'never';
    const parts = domain.classes.map((_, i) => this.#choice(domains, [...chosen, i], holds));
    const different = [...new Set(parts)];
    if (different.length === 1) return different[0]!;
    const branches = different
      .filter((part) => part !== 'never')
      .map((part) => ({
        columns: domain.classes.filter((_, i) => parts[i] === part),
        times: part === 'always' ? null : part,
      }));
    const [only] = branches;
    return branches.length === 1 && only!.times === null
      ? this.add({ op: 'columns', columns: only!.columns })
      : this.add({ op: 'choose', branches });
  }
}

/** A circuit without the parts that nothing needs. */
export function pruned({ nodes, outputs }: Circuit): Circuit {
  const needed = new Set(outputs);
  for (let place = nodes.length - 1; place >= 0; place--) {
    if (needed.has(place)) for (const operand of operandsOf(nodes[place]!)) needed.add(operand);
  }
  const kept = nodes.flatMap((_, place) => (needed.has(place) ? [place] : []));
  const moved = new Map(kept.map((from, to) => [from, to]));
  const at = (place: number): number => moved.get(place)!;
  return {
    nodes: kept.map((place): Node => {
      const node = nodes[place]!;
      if (node.op === 'columns' || node.op === 'model') return node;
      if (node.op === 'product') return { op: 'product', left: at(node.left), right: at(node.right) };
      const branches = node.branches.map(({ columns, times }) => ({
        columns,
        times: times === null ? null : at(times),
      }));
      return { op: 'choose', branches };
    }),
    outputs: outputs.map(at),
  };
}
