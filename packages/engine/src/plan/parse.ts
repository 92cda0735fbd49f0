import { canonicalBytes, equalBytes, SymbolonError } from '@symbolon/crypto';
import { PlanBuilder } from './builder.ts';
import { Fields, refuse } from './fields.ts';
import type { Plan, PlanNode, Wire } from './types.ts';

/** What a plan from outside may hold at most: nodes, wires, elements of all wires together, and multiplications of all matrix products. */
export interface PlanLimits {
  readonly nodes: number;
  readonly wires: number;
  readonly elements: number;
  readonly multiplications: number;
}

/** An hour or so of one core. */
const LIMITS: PlanLimits = { nodes: 100_000, wires: 200_000, elements: 2 ** 40, multiplications: 2 ** 42 };

/**
 * A plan from outside, for instance of a peer's document: its nodes are written again by a `PlanBuilder`, with all its checks, and what comes
 * out must be what came in, byte by byte in canonical form. Ranges are believed where a builder believes its caller (`linear`, `products`, `matmul`, `weigh`): a false
 * one makes results wrong, and shows nobody more than the plan reveals.
 * @throws SymbolonError `plan-invalid`
 */
export function parsePlan(value: unknown, limits: PlanLimits = LIMITS): Plan {
  try {
    const plan = replay(new Fields(value), limits);
    if (equalBytes(canonicalBytes(plan), canonicalBytes(value))) return plan;
  } catch (error) {
    if (error instanceof SymbolonError) throw refuse(error.message);
    throw error;
  }
  throw refuse('it is not what its own nodes make');
}

function replay(plan: Fields, limits: PlanLimits): Plan {
  const [nodes, wires] = [plan.list('nodes', limits.nodes), plan.list('wires', limits.wires)];
  let elements = 0;
  for (const wire of wires) elements += new Fields(wire).size('size');
  if (elements > limits.elements) throw refuse(`it holds ${elements} elements, more than ${limits.elements}`);
  const stages = new Set(plan.list('stages', limits.nodes));
  let multiplications = 0;
  const builder = new PlanBuilder(plan.integer('parties'));
  for (const [index, node] of nodes.entries()) {
    const fields = new Fields(node);
    const op = fields.text('op');
    if (!Object.hasOwn(readers, op)) throw refuse(`'${op}' is no operation`);
    if (op === 'matmul') multiplications += fields.size('rows') * fields.size('cols') * fields.size('inner');
    if (multiplications > limits.multiplications) throw refuse('its matrix products are too much work');
    const out = fields.has('out') ? fields.integers('out') : [];
    readers[op as PlanNode['op']](builder, fields, (j = 0) => new Fields(wires[out[j]!]));
    if (stages.has(index + 1)) builder.stage();
  }
  return builder.build();
}

/** Writes a node again. `out` reads the declared type of a result, the first if not said: what no field of the node tells. */
type Reader = (builder: PlanBuilder, node: Fields, out: (j?: number) => Fields) => unknown;

const source =
  (op: 'input' | 'random'): Reader =>
  (b, node, out) => {
    const [name, owner, type] = [node.text('name'), node.integer('owner'), out()];
    const size = type.size('size');
    if (type.text('kind') === 'bits') return b[op === 'input' ? 'inputBits' : 'randomBits'](name, owner, size);
    const shape = { ring: type.ring(), size };
    const range = type.range();
    return op === 'input' && range ? b.input(name, owner, { ...shape, range }) : b[op](name, owner, shape);
  };

const one =
  (write: (builder: PlanBuilder, x: Wire, node: Fields, out: () => Fields) => unknown): Reader =>
  (b, node, out) =>
    write(b, node.wires('in')[0]!, node, out);

const two =
  (write: (builder: PlanBuilder, x: Wire, y: Wire, node: Fields, out: () => Fields) => unknown): Reader =>
  (b, node, out) => {
    const [x, y] = node.wires('in');
    if (y === undefined) throw refuse('an operation lacks a factor');
    return write(b, x!, y, node, out);
  };

const readers: { readonly [Op in PlanNode['op']]: Reader } = {
  input: source('input'),
  random: source('random'),
  linear: (b, node, out) => b.linear(node.terms(), node.decimal('constant'), out().range()),
  xor: (b, node) => b.xor(node.wires('in'), node.integer('constant') === 0 ? 0 : 1),
  slice: one((b, x, node, out) => b.slice(x, node.integer('from'), out().size('size'))),
  repeat: one((b, x, node) => b.repeat(x, node.size('times'))),
  tile: one((b, x, node) => b.tile(x, node.size('times'))),
  concat: (b, node) => b.concat(node.wires('in')),
  transpose: one((b, x, node) =>
    b.transpose(x, [node.size('rows'), node.size('cols')], [node.size('lines'), node.size('length')]),
  ),
  sum: one((b, x) => b.sum(x)),
  prefixSum: one((b, x, node) => b.prefixSum(x, { row: node.size('row'), reverse: node.flag('reverse') })),
  narrow: one((b, x, _, out) => b.narrow(x, out().ring(), out().range())),
  products: (b, node, out) =>
    b.products(
      node
        .items('outputs')
        .map((terms) =>
          terms.items().map((term) => ({ coefficient: term.decimal('coefficient'), factors: term.wires('factors') })),
        ),
      node.wires('out').map((_, j) => out(j).range()),
    ),
  dot: two((b, x, y) => b.dot(x, y)),
  matmul: two((b, x, y, node, out) => {
    const shape = { rows: node.size('rows'), cols: node.size('cols'), inner: node.size('inner') };
    const range = out().range();
    const weights = node.has('sparse') ? node.fields('sparse').sizes('weights') : undefined;
    return b.matmul(x, y, {
      ...shape,
      ...(range && { range }),
      ...(weights && { weights: [weights[0]!, weights[1] ?? 0] }),
    });
  }),
  lessThanZero: one((b, x, node) => b.bitOf(x, node.size('width') - 1)),
  isZero: one((b, x) => b.isZero(x)),
  bitDot: (b, node) => {
    const wires = node.wires('in');
    const terms = wires.length / 2;
    return b.bitDot(wires.slice(0, terms), wires.slice(terms));
  },
  weigh: (b, node, out) =>
    b.weighEach(
      node.wires('in'),
      node.items('outputs').map((sum, j) => {
        const range = out(j).range();
        return {
          coefficients: sum.decimals('coefficients'),
          constant: sum.decimal('constant'),
          ...(range && { range }),
        };
      }),
      out().ring(),
    ),
  widen: one((b, x) => b.widen(x)),
  truncate: one((b, x, node) => b.truncate(x, node.size('by'), node.flag('exact'))),
  remask: one((b, x) => b.remask(x)),
  permute: (b, node) => b.permute(node.wires('in'), node.text('name')),
  shuffle: (b, node) => b.shuffle(node.wires('in'), node.size('rows')),
  sortDigit: (b, node) => {
    const [key, ...columns] = node.wires('in');
    const [rows, from, width] = [node.size('rows'), node.integer('from'), node.size('width')];
    return b.sortDigit(key!, columns, { rows, from, width });
  },
  reveal: one((b, x, node) => b.reveal(x, node.integers('to'), node.text('name'))),
  keep: one((b, x, node) => b.keep(x, node.text('name'))),
};
