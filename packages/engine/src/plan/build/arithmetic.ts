import type { Interval } from '../ranges.ts';
import { bits, interval, plus, ring, times } from '../ranges.ts';
import type { MatmulNode, Ring, Term, Wire, WireType } from '../types.ts';
import { signedWidth } from '../types.ts';
import { require } from './draft.ts';
import { LocalBuilder } from './local.ts';

/** Products, comparisons, and what goes between bits and numbers. */
export abstract class ArithmeticBuilder extends LocalBuilder {
  /**
   * Sums of products of at most four factors each; one opening an output, all outputs in one round. `ranges`: what outputs are known to lie in,
   * where that is more than interval arithmetic proves.
   */
  products(
    outputs: readonly (readonly { coefficient?: bigint; factors: readonly Wire[] }[])[],
    ranges: readonly (Interval | undefined)[] = [],
  ): Wire[] {
    const first = this.type(outputs[0]![0]!.factors[0]!);
    const types = outputs.map((terms, j) => this.#productType(terms, first, ranges[j]));
    const nodes: Term[][] = outputs.map((terms) =>
      terms.map(({ coefficient = 1n, factors }) => ({ coefficient: String(coefficient), factors })),
    );
    const used = [...new Set(nodes.flatMap((terms) => terms.flatMap((term) => term.factors)))].sort((x, y) => x - y);
    return this.nodeWith({ op: 'products', in: used, outputs: nodes }, types);
  }

  #productType(
    terms: readonly { coefficient?: bigint; factors: readonly Wire[] }[],
    first: WireType,
    known: Interval | undefined,
  ): WireType {
    let range: Interval | undefined = [0n, 0n];
    for (const { coefficient = 1n, factors } of terms) {
      require(factors.length >= 1 && factors.length <= 4, `a product has 1 to 4 factors, not ${factors.length}`);
      require(first.kind === 'ring' || coefficient === 1n, 'a product of bits has no coefficient');
      const product = factors.reduce<Interval | undefined>(
        (product, wire) => {
          const type = this.type(wire);
          require(type.kind === first.kind && type.size === first.size, 'the factors of products have one shape');
          return first.kind === 'ring' ? times(product, interval(this.like(wire, first))) : product;
        },
        [coefficient, coefficient],
      );
      range = plus(range, product);
    }
    return first.kind === 'bits' ? bits(first.size) : ring(first.bits, first.size, known ?? range);
  }

  multiply(x: Wire, y: Wire, range?: Interval): Wire {
    return this.products([[{ factors: [x, y] }]], [range])[0]!;
  }

  /** ∧ of up to four bit wires. */
  and(...wires: Wire[]): Wire {
    return this.products([[{ factors: wires }]])[0]!;
  }

  dot(x: Wire, y: Wire): Wire {
    const type = this.ringOf(x);
    const size = BigInt(type.size);
    const range = times([size, size], times(interval(type), interval(this.like(y, type))));
    return this.node({ op: 'dot', in: [x, y] }, ring(type.bits, 1, range));
  }

  /**
   * a (rows × inner) · b (cols × inner)ᵀ. `range`: what every output is known to lie in, where the encoding of the inputs proves
   * more than interval arithmetic can (one-hot columns). `weights`: how many entries of a row of a, of b, are nonzero at most; where
   * both are some owner's own, the product then takes half the work, at unchanged bytes and rounds.
   */
  matmul(
    a: Wire,
    b: Wire,
    shape: { rows: number; cols: number; inner: number; range?: Interval; weights?: readonly [number, number] },
  ): Wire {
    const [x, y] = [this.ringOf(a), this.ringOf(b)];
    const { rows, cols, inner } = shape;
    require([rows, cols, inner].every(
      (side) => Number.isInteger(side) && side > 0,
    ), `matrix product ${rows} × ${inner} × ${cols}`);
    require(x.bits === y.bits, 'the factors of a matrix product have one ring');
    require(x.size === rows * inner &&
      y.size === cols * inner, `matrix product ${rows}×${inner} by ${cols}×${inner} of ${x.size} and ${y.size} words`);
    const depth = BigInt(inner);
    const range = shape.range ?? times([depth, depth], times(interval(x), interval(y)));
    const sparse = this.#sparse(a, b, inner, shape.weights);
    return this.node({ op: 'matmul', in: [a, b], rows, cols, inner, ...sparse }, ring(x.bits, rows * cols, range));
  }

  /** Worth it where few entries of a row are nonzero, and possible where each factor is known to one party. */
  #sparse(a: Wire, b: Wire, inner: number, weights: readonly [number, number] | undefined): Pick<MatmulNode, 'sparse'> {
    const owners = [this.ownerOf(a), this.ownerOf(b)] as const;
    if (weights === undefined || owners[0] === undefined || owners[1] === undefined) return {};
    return owners[0] !== owners[1] && 8 * (weights[0] + weights[1]) <= inner
      ? { sparse: { owners: owners as [number, number], weights } }
      : {};
  }

  /** x < 0, on as many bits as the range of x needs. */
  lessThanZero(x: Wire): Wire {
    const type = this.ringOf(x);
    return this.node({ op: 'lessThanZero', in: [x], width: signedWidth(type) }, bits(type.size));
  }

  /** Bit `bit` of each word, counted from the lowest: the sign of the word's low bits. */
  bitOf(x: Wire, bit: number): Wire {
    const type = this.ringOf(x);
    require(Number.isInteger(bit) && bit >= 0 && bit < type.bits, `bit ${bit} of ${type.bits}`);
    return this.node({ op: 'lessThanZero', in: [x], width: bit + 1 }, bits(type.size));
  }

  /** x < y; for wires without range |x − y| < 2^(bits − 1) must hold. */
  lessThan(x: Wire, y: Wire): Wire {
    return this.lessThanZero(this.subtract(x, y));
  }

  isZero(x: Wire): Wire {
    const type = this.ringOf(x);
    return this.node({ op: 'isZero', in: [x], width: signedWidth(type) }, bits(type.size));
  }

  equal(x: Wire, y: Wire): Wire {
    return this.isZero(this.subtract(x, y));
  }

  /** Σ_j bits_j · numbers_j. */
  bitDot(bitWires: readonly Wire[], numbers: readonly Wire[]): Wire {
    const size = this.sizeOfBits(bitWires);
    const first = this.ringOf(numbers[0]!);
    require(bitWires.length === numbers.length &&
      size === first.size, 'bitDot takes as many bits as numbers, of one size');
    const range = numbers.reduce<Interval | undefined>(
      (sum, wire) => plus(sum, times([0n, 1n], interval(this.like(wire, first)))),
      [0n, 0n],
    );
    return this.node({ op: 'bitDot', in: [...bitWires, ...numbers] }, ring(first.bits, size, range));
  }

  /** Σ coefficient · bit + constant as a word: one opening in all, one word of answer key a bit. */
  weigh(terms: readonly (readonly [coefficient: bigint, bit: Wire])[], constant: bigint, to: Ring): Wire {
    const weights = new Map<Wire, bigint>();
    for (const [c, bit] of terms) weights.set(bit, (weights.get(bit) ?? 0n) + c);
    return this.weighEach([...weights.keys()], [{ coefficients: [...weights.values()], constant }], to)[0]!;
  }

  /**
   * Several sums of the same bits, as `weigh`: one opening each, and the answer key of one. `range`: what a sum is known to lie in, where that
   * is more than its weights prove.
   */
  weighEach(
    bitWires: readonly Wire[],
    outputs: readonly { coefficients: readonly bigint[]; constant: bigint; range?: Interval }[],
    to: Ring,
  ): Wire[] {
    const size = this.sizeOfBits(bitWires);
    require(outputs.length > 0 && new Set(bitWires).size === bitWires.length, 'what is weighed are different bits');
    const types = outputs.map(({ coefficients, constant, range }) => {
      require(coefficients.length === bitWires.length, 'each bit has a weight');
      const computed = coefficients.reduce<Interval>(
        ([lo, hi], c) => (c < 0n ? [lo + c, hi] : [lo, hi + c]),
        [constant, constant],
      );
      return ring(to, size, range ?? computed);
    });
    const sums = outputs.map(({ coefficients, constant }) => ({
      coefficients: coefficients.map(String),
      constant: String(constant),
    }));
    return this.nodeWith({ op: 'weigh', in: bitWires, outputs: sums }, types);
  }

  toRing(bit: Wire, to: Ring): Wire {
    return this.weigh([[1n, bit]], 0n, to);
  }

  /** To Z_2^64, for values known to be 0 ≤ x < 2^(k−1). */
  widen(x: Wire): Wire {
    const type = this.ringOf(x);
    const range = interval(type);
    require(type.bits < 64 &&
      range !== undefined &&
      range[0] >= 0n, 'widen takes a narrow wire with a range of 0 or more');
    return this.node({ op: 'widen', in: [x] }, ring(64, type.size, range));
  }

  /** Fixed point: x / 2^by. Not exact: ⌊ ⌋ or one more. Ask for `exact` where the result itself is revealed. */
  truncate(x: Wire, by: number, exact = false): Wire {
    const type = this.ringOf(x);
    const range = interval(type);
    require(type.bits === 64 &&
      Number.isInteger(by) &&
      by >= 1 &&
      by <= 62, `truncate takes 64-bit words and 1 to 62 bits, not ${by}`);
    require(range === undefined ||
      (range[0] >= -(1n << 62n) && range[1] < 1n << 62n), 'truncate takes −2^62 ≤ x < 2^62');
    const result = range && ([range[0] >> BigInt(by), (range[1] >> BigInt(by)) + (exact ? 0n : 1n)] as const);
    return this.node({ op: 'truncate', in: [x], by, exact }, ring(64, type.size, result));
  }

  remask(x: Wire): Wire {
    return this.node({ op: 'remask', in: [x] }, this.type(x));
  }
}
