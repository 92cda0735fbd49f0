import type { Node } from '../circuit/circuit.ts';
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
    return part === 'always' ? this.add({ op: 'columns', columns: [validId] }) : part;
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
