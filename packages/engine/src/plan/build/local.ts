import type { Interval } from '../ranges.ts';
import { bits, hull, interval, plus, ring, times } from '../ranges.ts';
import type { Ring, Wire } from '../types.ts';
import type { RingType } from './draft.ts';
import { PlanDraft, require } from './draft.ts';

/** Sources, and what each party does alone: no round, no bytes. */
export abstract class LocalBuilder extends PlanDraft {
  /** `size` words of p_owner. With `range` the owner checks its values before it masks them. */
  input(name: string, owner: number, shape: { ring: Ring; size: number; range?: readonly [bigint, bigint] }): Wire {
    return this.source('input', name, owner, ring(shape.ring, shape.size, shape.range));
  }

  /** `size` bits of p_owner, packed from the lowest. */
  inputBits(name: string, owner: number, size: number): Wire {
    return this.source('input', name, owner, bits(size));
  }

  /**
   * `size` uniform words that p_owner alone knows (`randomInput`): a fresh secret that nobody sends. Safe because it is an input whose owner
   * chose x = −λ: the masked value, 0, is independent of everything.
   */
  random(name: string, owner: number, shape: { ring: Ring; size: number }): Wire {
    return this.source('random', name, owner, ring(shape.ring, shape.size));
  }

  /** `size` uniform bits that p_owner alone knows. */
  randomBits(name: string, owner: number, size: number): Wire {
    return this.source('random', name, owner, bits(size));
  }

  /** Σ coefficient · wire + constant. `range`: what it is known to lie in, where that is more than interval arithmetic proves. */
  linear(terms: readonly (readonly [coefficient: bigint, wire: Wire])[], constant = 0n, range?: Interval): Wire {
    const first = this.ringOf(terms[0]![1]);
    const computed = terms.reduce<Interval | undefined>(
      (sum, [c, wire]) => plus(sum, times([c, c], interval(this.like(wire, first)))),
      [constant, constant],
    );
    return this.node(
      {
        op: 'linear',
        in: terms.map(([, wire]) => wire),
        coefficients: terms.map(([c]) => String(c)),
        constant: String(constant),
      },
      ring(first.bits, first.size, range ?? computed),
    );
  }

  add(x: Wire, y: Wire): Wire {
    return this.linear([
      [1n, x],
      [1n, y],
    ]);
  }

  subtract(x: Wire, y: Wire): Wire {
    return this.linear([
      [1n, x],
      [-1n, y],
    ]);
  }

  /** ⊕ of bit wires, with all bits turned where `constant` is 1. */
  xor(wires: readonly Wire[], constant: 0 | 1 = 0): Wire {
    const size = this.sizeOfBits(wires);
    return this.node({ op: 'xor', in: wires, constant }, bits(size));
  }

  not(x: Wire): Wire {
    return this.xor([x], 1);
  }

  /** Elements from … from + size − 1; for bits `from` is a multiple of 8. */
  slice(x: Wire, from: number, size: number): Wire {
    const type = this.type(x);
    require(Number.isInteger(from) &&
      from >= 0 &&
      size > 0 &&
      from + size <= type.size, `slice ${from}+${size} of ${type.size} elements`);
    require(type.kind === 'ring' || from % 8 === 0, 'a slice of bits starts at a multiple of 8');
    return this.node({ op: 'slice', in: [x], from }, { ...type, size });
  }

  /** Each element `times` times in a row: row i of n · `times` lanes is element i. Bits are fastest where `times` is a multiple of 16. */
  repeat(x: Wire, times: number): Wire {
    return this.#copies('repeat', x, times);
  }

  /** The whole vector `times` times. */
  tile(x: Wire, times: number): Wire {
    return this.#copies('tile', x, times);
  }

  #copies(op: 'repeat' | 'tile', x: Wire, times: number): Wire {
    const type = this.type(x);
    require(Number.isInteger(times) && times > 0, `${op} takes a positive number, not ${times}`);
    return this.node({ op, in: [x], times }, { ...type, size: type.size * times });
  }

  /** One vector behind the other; of bits, all but the last are whole bytes. */
  concat(wires: readonly Wire[]): Wire {
    const types = wires.map((wire) => this.type(wire));
    const [first] = types;
    require(first !== undefined && types.every((type) => type.kind === first.kind), 'concat takes wires of one kind');
    const size = types.reduce((total, type) => total + type.size, 0);
    if (first.kind === 'bits') {
      require(types.slice(0, -1).every((type) => type.size % 8 === 0), 'concat takes bits in whole bytes');
      return this.node({ op: 'concat', in: wires }, bits(size));
    }
    const rings = types as RingType[];
    require(rings.every((type) => type.bits === first.bits), 'concat takes words of one ring');
    const range = rings.map(interval).reduce((x, y) => hull(x, y));
    return this.node({ op: 'concat', in: wires }, ring(first.bits, size, range));
  }

  /** x, `rows` lines of `cols` elements, as `cols` lines of `rows`; in a grid of at least that size, `lines` × `length`, with zeros elsewhere. */
  transpose(x: Wire, [rows, cols]: readonly [number, number], [lines, length] = [cols, rows] as const): Wire {
    const type = this.type(x);
    require([rows, cols, lines, length].every((side) => Number.isInteger(side) && side > 0) &&
      type.size === rows * cols &&
      lines >= cols &&
      length >= rows, `transpose ${rows} × ${cols} of ${type.size} elements to ${lines} × ${length}`);
    const to = { ...type, size: lines * length };
    const range = type.kind === 'ring' ? hull(interval(type), [0n, 0n]) : undefined;
    return this.node(
      { op: 'transpose', in: [x], rows, cols, lines, length },
      type.kind === 'ring' ? ring(type.bits, to.size, range) : to,
    );
  }

  /** The sum of all elements, as one word. */
  sum(x: Wire): Wire {
    const type = this.ringOf(x);
    const size = BigInt(type.size);
    return this.node({ op: 'sum', in: [x] }, ring(type.bits, 1, times([size, size], interval(type))));
  }

  /** The sum of all words up to each, itself too; in `reverse` from each to the last. In rows of `row` words, each row has its own sums. */
  prefixSum(x: Wire, { row = this.type(x).size, reverse = false }: { row?: number; reverse?: boolean } = {}): Wire {
    const type = this.ringOf(x);
    require(Number.isInteger(row) && row > 0 && type.size % row === 0, `${type.size} words in rows of ${row}`);
    const range = hull(interval(type), times([BigInt(row), BigInt(row)], interval(type)));
    return this.node({ op: 'prefixSum', in: [x], row, reverse }, ring(type.bits, type.size, range));
  }

  /** Words modulo 2^to. `range`: what the results are known to lie in, where words may lie outside. */
  narrow(x: Wire, to: Ring, range?: Interval): Wire {
    const type = this.ringOf(x);
    require(to < type.bits, `narrow goes to a smaller ring, not from ${type.bits} to ${to} bits`);
    return this.node({ op: 'narrow', in: [x] }, ring(to, type.size, range ?? interval(type)));
  }
}
