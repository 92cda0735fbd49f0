import type { Plan, PlanNode, Wire } from './types.ts';

/** When the memory of a wire is free: after the nodes that make and read it have ended, in whatever order. */
export class Lifetimes {
  readonly #left = new Map<Wire, number>();

  constructor(plan: Plan) {
    for (const node of plan.nodes) {
      for (const wire of wiresOf(node)) this.#left.set(wire, (this.#left.get(wire) ?? 0) + 1);
    }
  }

  /** Called once a node, when it has ended. @returns the wires that nothing needs any more */
  end(node: PlanNode): Wire[] {
    return wiresOf(node).filter((wire) => {
      const left = this.#left.get(wire)! - 1;
      this.#left.set(wire, left);
      return left === 0;
    });
  }
}

function wiresOf(node: PlanNode): Wire[] {
  return [...new Set([...node.in, ...node.out])];
}

/** First and last + 1 node of every stage. */
export function stageBounds(plan: Plan): readonly (readonly [from: number, to: number])[] {
  return plan.stages.map((to, s) => [plan.stages[s - 1] ?? 0, to]);
}
