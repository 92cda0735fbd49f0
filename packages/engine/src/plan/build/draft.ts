import { SymbolonError } from '@symbolon/crypto';
import type { SourceNode } from '../../sources.ts';
import type { Plan, PlanNode, Wire, WireType } from '../types.ts';

export type RingType = WireType & { kind: 'ring' };

/** What keeps a wire its owner's own: its mask is made of theirs. */
const localOps: ReadonlySet<PlanNode['op']> = new Set([
  'linear',
  'xor',
  'slice',
  'repeat',
  'tile',
  'concat',
  'transpose',
  'sum',
  'prefixSum',
  'narrow',
]);

type Draft = PlanNode extends infer N ? (N extends PlanNode ? Omit<N, 'out'> : never) : never;

/** The wires and nodes of a plan so far, what every operation checks of them, and whose own a wire is. */
export abstract class PlanDraft {
  readonly #parties: number;
  readonly #wires: WireType[] = [];
  readonly #nodes: PlanNode[] = [];
  /** Whose own a wire is: the only party with a share of its mask. */
  readonly #owners: (number | undefined)[] = [];
  /** Wires under a mask of their own, with a share of every party. */
  readonly #fresh = new Set<Wire>();
  readonly #stages: number[] = [];
  readonly #names = new Set<string>();
  readonly #outputs = new Set<string>();
  /** Whether an operation stands there, behind which no source may. */
  #started = false;

  /** @param parties 2 to 5. */
  constructor(parties: number) {
    require(Number.isInteger(parties) && parties >= 2 && parties <= 5, `a plan has 2 to 5 parties, not ${parties}`);
    this.#parties = parties;
  }

  type(wire: Wire): WireType {
    const type = this.#wires[wire];
    require(type !== undefined, `wire ${wire} is not of this plan`);
    return type;
  }

  /** Ends a stage: what follows starts when all before it is done. */
  stage(): void {
    if (this.#nodes.length > (this.#stages.at(-1) ?? 0)) this.#stages.push(this.#nodes.length);
  }

  build(): Plan {
    this.stage();
    return { version: 1, parties: this.#parties, wires: this.#wires, nodes: this.#nodes, stages: this.#stages };
  }

  protected source(op: SourceNode['op'], name: string, owner: number, type: WireType): Wire {
    require(!this.#started, `input '${name}' must come before every operation`);
    require(this.isParty(owner), `input '${name}' names party ${owner} of ${this.#parties}`);
    this.given(name);
    return this.node({ op, name, owner, in: [] }, type);
  }

  /** What is given at run time has one name in the whole plan. */
  protected given(name: string): void {
    require(!this.#names.has(name), `input '${name}' is there twice`);
    this.#names.add(name);
  }

  /** What a plan yields has one name. */
  protected yields(name: string): void {
    require(!this.#outputs.has(name), `output '${name}' is there twice`);
    this.#outputs.add(name);
  }

  protected isParty(party: number): boolean {
    return Number.isInteger(party) && party >= 0 && party < this.#parties;
  }

  protected ownerOf(wire: Wire): number | undefined {
    return this.#owners[wire];
  }

  protected isFresh(wire: Wire): boolean {
    return this.#fresh.has(wire);
  }

  protected ringOf(wire: Wire): RingType {
    const type = this.type(wire);
    require(type.kind === 'ring', `wire ${wire} carries bits where numbers are needed`);
    return type;
  }

  protected like(wire: Wire, other: RingType): RingType {
    const type = this.ringOf(wire);
    require(type.bits === other.bits &&
      type.size === other.size, `wire ${wire} is ${type.size} × ${type.bits} bits, not ${other.size} × ${other.bits}`);
    return type;
  }

  /** The one size of some bit wires. */
  protected sizeOfBits(wires: readonly Wire[]): number {
    const [first, ...rest] = wires.map((wire) => this.type(wire));
    require(first !== undefined &&
      [first, ...rest].every((t) => t.kind === 'bits' && t.size === first.size), 'bit wires of one size are needed');
    return first.size;
  }

  protected node(node: Draft, type: WireType): Wire {
    return this.nodeWith(node, [type])[0]!;
  }

  protected nodeWith(node: Draft, types: readonly WireType[]): Wire[] {
    const owner = this.#owner(node);
    const isSource = 'owner' in node;
    const out = types.map((type) => {
      require(Number.isSafeInteger(type.size) && type.size > 0, `${node.op} of ${type.size} elements`);
      this.#owners.push(owner);
      const wire = (this.#wires.push(type) - 1) as Wire;
      if (!isSource && !localOps.has(node.op)) this.#fresh.add(wire);
      return wire;
    });
    this.#nodes.push({ ...node, out } as PlanNode);
    this.#started ||= !isSource;
    return out;
  }

  #owner(node: Draft): number | undefined {
    if ('owner' in node) return node.owner;
    const [first, ...rest] = node.in.map((wire) => this.#owners[wire]);
    return localOps.has(node.op) && rest.every((owner) => owner === first) ? first : undefined;
  }
}

export function require(condition: boolean, message: string): asserts condition {
  if (!condition) throw new SymbolonError('plan-invalid', message);
}
