import type { PlanBuilder, Wire } from '@symbolon/engine';

/** A bit a lane: a wire, or the same in all lanes. */
export type Bit = Wire | boolean;

/** A whole number a lane: a wire of 64-bit words, or the same in all lanes. */
export type Word = Wire | bigint;

/** Bits of a plan. What is constant is folded, what is asked for twice is computed once. */
export class Logic {
  readonly #builder: PlanBuilder;
  readonly #known = new Map<string, Wire>();

  constructor(builder: PlanBuilder) {
    this.#builder = builder;
  }

  not(x: Bit): Bit {
    return typeof x === 'boolean' ? !x : this.#once('xor', [x], 1);
  }

  /** x ⊕ y …: of bits of which one at most is 1, whether one is. */
  xor(...bits: readonly Bit[]): Bit {
    const turned = bits.filter((bit) => bit === true).length % 2 === 1;
    const wires = bits.filter((bit) => typeof bit !== 'boolean');
    if (wires.length === 0) return turned;
    return wires.length === 1 && !turned ? wires[0]! : this.#once('xor', wires, turned ? 1 : 0);
  }

  /** As a tree of products of four. */
  and(...bits: readonly Bit[]): Bit {
    if (bits.includes(false)) return false;
    let wires = [...new Set(bits.filter((bit) => typeof bit !== 'boolean'))].sort((x, y) => x - y);
    while (wires.length > 1) wires = fours(wires).map((group) => this.#once('and', group, 0));
    return wires[0] ?? true;
  }

  or(...bits: readonly Bit[]): Bit {
    return this.not(this.and(...bits.map((bit) => this.not(bit))));
  }

  /**
   * For each bit, the AND of it and all before. By doubling, four at a time (Hillis, Steele, "Data parallel algorithms", CACM 1986): ⌈log4 n⌉ rounds.
   */
  prefixAnd(bits: readonly Bit[]): Bit[] {
    let all = [...bits];
    for (let by = 1; by < bits.length; by *= 4)
      all = all.map((bit, i) =>
        this.and(bit, ...[by, 2 * by, 3 * by].filter((back) => back <= i).map((back) => all[i - back]!)),
      );
    return all;
  }

  #once(op: 'xor' | 'and', wires: readonly Wire[], turned: 0 | 1): Wire {
    const [first, ...rest] = wires;
    if (op === 'and' && rest.length === 0) return first!;
    const key = `${op} ${turned} ${wires.join(' ')}`;
    const wire =
      this.#known.get(key) ?? (op === 'and' ? this.#builder.and(...wires) : this.#builder.xor(wires, turned));
    this.#known.set(key, wire);
    return wire;
  }
}

function fours(wires: readonly Wire[]): Wire[][] {
  return Array.from({ length: Math.ceil(wires.length / 4) }, (_, i) => wires.slice(4 * i, 4 * i + 4));
}
