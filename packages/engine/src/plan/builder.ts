import { SymbolonError } from '@symbolon/crypto';
import { rowBits } from '../orders.ts';
import type { SourceNode } from '../sources.ts';
import { isSource } from '../sources.ts';
import type { Interval } from './ranges.ts';
import { bits, hull, interval, plus, ring, times } from './ranges.ts';
import type { MatmulNode, Plan, PlanNode, Ring, Term, Wire, WireType } from './types.ts';
import { signedWidth } from './types.ts';

type RingType = WireType & { kind: 'ring' };
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
  'narrow',
]);

type Draft = PlanNode extends infer N ? (N extends PlanNode ? Omit<N, 'out'> : never) : never;

/**
 * Writes a plan node by node and checks shapes and ranges on the way: a sum or product that might leave its ring is refused
 * (`plan-range`) instead of wrapping silently. Wires made without a range are plain words of the ring, and wrap.
 */
export class PlanBuilder {
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

  /** `size` words of p_owner. With `range` the owner checks its values before it masks them. */
  input(name: string, owner: number, shape: { ring: Ring; size: number; range?: readonly [bigint, bigint] }): Wire {
    return this.#source('input', name, owner, ring(shape.ring, shape.size, shape.range));
  }

  /** `size` bits of p_owner, packed from the lowest. */
  inputBits(name: string, owner: number, size: number): Wire {
    return this.#source('input', name, owner, bits(size));
  }

  /**
   * `size` uniform words that p_owner alone knows (`randomInput`): a fresh secret that nobody sends. Safe because it is an input whose owner
   * chose x = −λ: the masked value, 0, is independent of everything.
   */
  random(name: string, owner: number, shape: { ring: Ring; size: number }): Wire {
    return this.#source('random', name, owner, ring(shape.ring, shape.size));
  }

  /** `size` uniform bits that p_owner alone knows. */
  randomBits(name: string, owner: number, size: number): Wire {
    return this.#source('random', name, owner, bits(size));
  }

  #source(op: SourceNode['op'], name: string, owner: number, type: WireType): Wire {
    require(this.#nodes.every(isSource), `input '${name}' must come before every operation`);
    require(this.#isParty(owner), `input '${name}' names party ${owner} of ${this.#parties}`);
    this.#given(name);
    return this.#node({ op, name, owner, in: [] }, type);
  }

  /** What is given at run time has one name in the whole plan. */
  #given(name: string): void {
    require(!this.#names.has(name), `input '${name}' is there twice`);
    this.#names.add(name);
  }

  /** Σ coefficient · wire + constant. `range`: what it is known to lie in, where that is more than interval arithmetic proves. */
  linear(terms: readonly (readonly [coefficient: bigint, wire: Wire])[], constant = 0n, range?: Interval): Wire {
    const first = this.#ring(terms[0]![1]);
    const computed = terms.reduce<Interval | undefined>(
      (sum, [c, wire]) => plus(sum, times([c, c], interval(this.#like(wire, first)))),
      [constant, constant],
    );
    return this.#node(
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
    const size = this.#sameBits(wires);
    return this.#node({ op: 'xor', in: wires, constant }, bits(size));
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
    return this.#node({ op: 'slice', in: [x], from }, { ...type, size });
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
    return this.#node({ op, in: [x], times }, { ...type, size: type.size * times });
  }

  /** One vector behind the other; of bits, all but the last are whole bytes. */
  concat(wires: readonly Wire[]): Wire {
    const types = wires.map((wire) => this.type(wire));
    const [first] = types;
    require(first !== undefined && types.every((type) => type.kind === first.kind), 'concat takes wires of one kind');
    const size = types.reduce((total, type) => total + type.size, 0);
    if (first.kind === 'bits') {
      require(types.slice(0, -1).every((type) => type.size % 8 === 0), 'concat takes bits in whole bytes');
      return this.#node({ op: 'concat', in: wires }, bits(size));
    }
    const rings = types as RingType[];
    require(rings.every((type) => type.bits === first.bits), 'concat takes words of one ring');
    const range = rings.map(interval).reduce((x, y) => hull(x, y));
    return this.#node({ op: 'concat', in: wires }, ring(first.bits, size, range));
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
    return this.#node(
      { op: 'transpose', in: [x], rows, cols, lines, length },
      type.kind === 'ring' ? ring(type.bits, to.size, range) : to,
    );
  }

  /** The sum of all elements, as one word. */
  sum(x: Wire): Wire {
    const type = this.#ring(x);
    const size = BigInt(type.size);
    return this.#node({ op: 'sum', in: [x] }, ring(type.bits, 1, times([size, size], interval(type))));
  }

  narrow(x: Wire, to: Ring): Wire {
    const type = this.#ring(x);
    require(to < type.bits, `narrow goes to a smaller ring, not from ${type.bits} to ${to} bits`);
    return this.#node({ op: 'narrow', in: [x] }, ring(to, type.size, interval(type)));
  }

  /** Sums of products of at most four factors each; one opening an output, all outputs in one round. */
  products(outputs: readonly (readonly { coefficient?: bigint; factors: readonly Wire[] }[])[]): Wire[] {
    const first = this.type(outputs[0]![0]!.factors[0]!);
    const types = outputs.map((terms) => this.#productType(terms, first));
    const nodes: Term[][] = outputs.map((terms) =>
      terms.map(({ coefficient = 1n, factors }) => ({ coefficient: String(coefficient), factors })),
    );
    const used = [...new Set(nodes.flatMap((terms) => terms.flatMap((term) => term.factors)))].sort((x, y) => x - y);
    return this.#nodeWith({ op: 'products', in: used, outputs: nodes }, types);
  }

  #productType(terms: readonly { coefficient?: bigint; factors: readonly Wire[] }[], first: WireType): WireType {
    let range: Interval | undefined = [0n, 0n];
    for (const { coefficient = 1n, factors } of terms) {
      require(factors.length >= 1 && factors.length <= 4, `a product has 1 to 4 factors, not ${factors.length}`);
      require(first.kind === 'ring' || coefficient === 1n, 'a product of bits has no coefficient');
      const product = factors.reduce<Interval | undefined>(
        (product, wire) => {
          const type = this.type(wire);
          require(type.kind === first.kind && type.size === first.size, 'the factors of products have one shape');
          return first.kind === 'ring' ? times(product, interval(this.#like(wire, first))) : product;
        },
        [coefficient, coefficient],
      );
      range = plus(range, product);
    }
    return first.kind === 'bits' ? bits(first.size) : ring(first.bits, first.size, range);
  }

  multiply(x: Wire, y: Wire): Wire {
    return this.products([[{ factors: [x, y] }]])[0]!;
  }

  /** ∧ of up to four bit wires. */
  and(...wires: Wire[]): Wire {
    return this.products([[{ factors: wires }]])[0]!;
  }

  dot(x: Wire, y: Wire): Wire {
    const type = this.#ring(x);
    const size = BigInt(type.size);
    const range = times([size, size], times(interval(type), interval(this.#like(y, type))));
    return this.#node({ op: 'dot', in: [x, y] }, ring(type.bits, 1, range));
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
    const [x, y] = [this.#ring(a), this.#ring(b)];
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
    return this.#node({ op: 'matmul', in: [a, b], rows, cols, inner, ...sparse }, ring(x.bits, rows * cols, range));
  }

  /** Worth it where few entries of a row are nonzero, and possible where each factor is known to one party. */
  #sparse(a: Wire, b: Wire, inner: number, weights: readonly [number, number] | undefined): Pick<MatmulNode, 'sparse'> {
    const owners = [this.#owners[a], this.#owners[b]] as const;
    if (weights === undefined || owners[0] === undefined || owners[1] === undefined) return {};
    return owners[0] !== owners[1] && 8 * (weights[0] + weights[1]) <= inner
      ? { sparse: { owners: owners as [number, number], weights } }
      : {};
  }

  /** x < 0, on as many bits as the range of x needs. */
  lessThanZero(x: Wire): Wire {
    const type = this.#ring(x);
    return this.#node({ op: 'lessThanZero', in: [x], width: signedWidth(type) }, bits(type.size));
  }

  /** Bit `bit` of each word, counted from the lowest: the sign of the word's low bits. */
  bitOf(x: Wire, bit: number): Wire {
    const type = this.#ring(x);
    require(Number.isInteger(bit) && bit >= 0 && bit < type.bits, `bit ${bit} of ${type.bits}`);
    return this.#node({ op: 'lessThanZero', in: [x], width: bit + 1 }, bits(type.size));
  }

  /** x < y; for wires without range |x − y| < 2^(bits − 1) must hold. */
  lessThan(x: Wire, y: Wire): Wire {
    return this.lessThanZero(this.subtract(x, y));
  }

  isZero(x: Wire): Wire {
    const type = this.#ring(x);
    return this.#node({ op: 'isZero', in: [x], width: signedWidth(type) }, bits(type.size));
  }

  equal(x: Wire, y: Wire): Wire {
    return this.isZero(this.subtract(x, y));
  }

  /** Σ_j bits_j · numbers_j. */
  bitDot(bitWires: readonly Wire[], numbers: readonly Wire[]): Wire {
    const size = this.#sameBits(bitWires);
    const first = this.#ring(numbers[0]!);
    require(bitWires.length === numbers.length &&
      size === first.size, 'bitDot takes as many bits as numbers, of one size');
    const range = numbers.reduce<Interval | undefined>(
      (sum, wire) => plus(sum, times([0n, 1n], interval(this.#like(wire, first)))),
      [0n, 0n],
    );
    return this.#node({ op: 'bitDot', in: [...bitWires, ...numbers] }, ring(first.bits, size, range));
  }

  /** Σ coefficient · bit + constant as a word: one opening in all, one word of answer key a bit. */
  weigh(terms: readonly (readonly [coefficient: bigint, bit: Wire])[], constant: bigint, to: Ring): Wire {
    const size = this.#sameBits(terms.map(([, bit]) => bit));
    const weights = new Map<Wire, bigint>();
    for (const [c, bit] of terms) weights.set(bit, (weights.get(bit) ?? 0n) + c);
    const range = [...weights.values()].reduce<Interval>(
      ([lo, hi], c) => (c < 0n ? [lo + c, hi] : [lo, hi + c]),
      [constant, constant],
    );
    const coefficients = [...weights.values()].map(String);
    return this.#node(
      { op: 'weigh', in: [...weights.keys()], coefficients, constant: String(constant) },
      ring(to, size, range),
    );
  }

  toRing(bit: Wire, to: Ring): Wire {
    return this.weigh([[1n, bit]], 0n, to);
  }

  /** To Z_2^64, for values known to be 0 ≤ x < 2^(k−1). */
  widen(x: Wire): Wire {
    const type = this.#ring(x);
    const range = interval(type);
    require(type.bits < 64 &&
      range !== undefined &&
      range[0] >= 0n, 'widen takes a narrow wire with a range of 0 or more');
    return this.#node({ op: 'widen', in: [x] }, ring(64, type.size, range));
  }

  /** Fixed point: x / 2^by. Not exact: ⌊ ⌋ or one more. Ask for `exact` where the result itself is revealed. */
  truncate(x: Wire, by: number, exact = false): Wire {
    const type = this.#ring(x);
    const range = interval(type);
    require(type.bits === 64 &&
      Number.isInteger(by) &&
      by >= 1 &&
      by <= 62, `truncate takes 64-bit words and 1 to 62 bits, not ${by}`);
    require(range === undefined ||
      (range[0] >= -(1n << 62n) && range[1] < 1n << 62n), 'truncate takes −2^62 ≤ x < 2^62');
    const result = range && ([range[0] >> BigInt(by), (range[1] >> BigInt(by)) + (exact ? 0n : 1n)] as const);
    return this.#node({ op: 'truncate', in: [x], by, exact }, ring(64, type.size, result));
  }

  remask(x: Wire): Wire {
    return this.#node({ op: 'remask', in: [x] }, this.type(x));
  }

  /**
   * Columns of one size, each in the order that p0 gives at run time under `name` and nobody else learns: u32 little-endian, element i of a
   * result is element order[i] of its column. Two rounds; 4 bytes an element are broadcast by p0, whatever the columns.
   */
  permute(columns: readonly Wire[], name: string): Wire[];
  permute(column: Wire, name: string): Wire;
  permute(x: readonly Wire[] | Wire, name: string): Wire[] | Wire {
    if (typeof x === 'number') return this.permute([x], name)[0]!;
    const types = x.map((wire) => this.type(wire));
    require(types.length > 0 && types.every(({ size }) => size === types[0]!.size), 'columns have one size');
    this.#given(name);
    return this.#nodeWith({ op: 'permute', in: x, name }, types);
  }

  /**
   * Columns of `rows` rows each (a row: one element or several; of bits one, or whole bytes), all in one fresh uniform order that no N − 1 parties
   * know. N rounds; each party sends 8 bytes a 64-bit element to the next, p0 to all.
   */
  shuffle(columns: readonly Wire[], rows = this.type(columns[0]!).size): Wire[] {
    return this.#nodeWith({ op: 'shuffle', in: columns, rows }, this.#rowsOf(columns, rows));
  }

  /** One digit of a stable radix sort; `sortBy` is all of them. @param key bits, in rows as of `shuffle` */
  sortDigit(
    key: Wire,
    columns: readonly Wire[],
    { rows, from, width }: { rows: number; from: number; width: number },
  ): Wire[] {
    const [keyType, ...types] = this.#rowsOf([key, ...columns], rows);
    require(keyType!.kind === 'bits', 'a key is bits');
    require(columns.length > 0 && rows < 2 ** 31, `a sort takes columns of less than 2^31 rows, not ${rows}`);
    require(Number.isInteger(from) &&
      Number.isInteger(width) &&
      from >= 0 &&
      width >= 1 &&
      width <= 8 &&
      from + width <= rowBits(keyType!, rows), `bits ${from}+${width} of a key of ${rowBits(keyType!, rows)}`);
    return this.#nodeWith({ op: 'sortDigit', in: [key, ...columns], rows, from, width }, types);
  }

  #rowsOf(columns: readonly Wire[], rows: number): WireType[] {
    require(columns.length > 0 && Number.isInteger(rows) && rows > 0, `columns of ${rows} rows`);
    const types = columns.map((wire) => this.type(wire));
    for (const type of types) {
      const bits = rowBits(type, rows);
      require(type.size % rows === 0 && (bits === 1 || bits % 8 === 0), `${type.size} elements in ${rows} rows`);
    }
    return types;
  }

  /** Opens x to the parties `to`, who find it under `name`. */
  reveal(x: Wire, to: readonly number[], name: string): void {
    require(to.length > 0 && to.every((party) => this.#isParty(party)), `reveal '${name}' to ${to}`);
    this.type(x);
    this.#yields(name);
    this.#nodeWith({ op: 'reveal', in: [x], to: [...new Set(to)].sort(), name }, []);
  }

  /**
   * Each party finds its share of x under `name`: over all parties they add up to x (bits: ⊕). For a later session that takes the shares as
   * inputs and adds them; nothing is sent. The shares of all parties but any one are uniform, whatever x: only a wire that was opened
   * under a fresh mask of all parties is kept as it is, any other is re-masked first.
   */
  keep(x: Wire, name: string): void {
    this.type(x);
    this.#yields(name);
    this.#nodeWith({ op: 'keep', in: [this.#fresh.has(x) ? x : this.remask(x)], name }, []);
  }

  /** What a plan yields has one name. */
  #yields(name: string): void {
    require(!this.#outputs.has(name), `output '${name}' is there twice`);
    this.#outputs.add(name);
  }

  /** Ends a stage: what follows starts when all before it is done. */
  stage(): void {
    if (this.#nodes.length > (this.#stages.at(-1) ?? 0)) this.#stages.push(this.#nodes.length);
  }

  build(): Plan {
    this.stage();
    return { version: 1, parties: this.#parties, wires: this.#wires, nodes: this.#nodes, stages: this.#stages };
  }

  #isParty(party: number): boolean {
    return Number.isInteger(party) && party >= 0 && party < this.#parties;
  }

  #ring(wire: Wire): RingType {
    const type = this.type(wire);
    require(type.kind === 'ring', `wire ${wire} carries bits where numbers are needed`);
    return type;
  }

  #like(wire: Wire, other: RingType): RingType {
    const type = this.#ring(wire);
    require(type.bits === other.bits &&
      type.size === other.size, `wire ${wire} is ${type.size} × ${type.bits} bits, not ${other.size} × ${other.bits}`);
    return type;
  }

  #sameBits(wires: readonly Wire[]): number {
    const [first, ...rest] = wires.map((wire) => this.type(wire));
    require(first !== undefined &&
      [first, ...rest].every((t) => t.kind === 'bits' && t.size === first.size), 'bit wires of one size are needed');
    return first.size;
  }

  #ownerOf(node: Draft): number | undefined {
    if ('owner' in node) return node.owner;
    const [first, ...rest] = node.in.map((wire) => this.#owners[wire]);
    return localOps.has(node.op) && rest.every((owner) => owner === first) ? first : undefined;
  }

  #node(node: Draft, type: WireType): Wire {
    return this.#nodeWith(node, [type])[0]!;
  }

  #nodeWith(node: Draft, types: WireType[]): Wire[] {
    const owner = this.#ownerOf(node);
    const out = types.map((type) => {
      require(Number.isSafeInteger(type.size) && type.size > 0, `${node.op} of ${type.size} elements`);
      this.#owners.push(owner);
      const wire = (this.#wires.push(type) - 1) as Wire;
      if (!('owner' in node) && !localOps.has(node.op)) this.#fresh.add(wire);
      return wire;
    });
    this.#nodes.push({ ...node, out } as PlanNode);
    return out;
  }
}

function require(condition: boolean, message: string): asserts condition {
  if (!condition) throw new SymbolonError('plan-invalid', message);
}
