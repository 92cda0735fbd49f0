import { panelBytes } from '@symbolon/kernels';
import type { Ptr } from '../algebra.ts';
import { ringAlgebra } from '../algebra.ts';
import type { MatmulNode, Ring, Wire, WireType } from '../plan/types.ts';
import { bilinear, minus } from './inner.ts';
import type { LocalContext, Operation, PartyContext } from './operation.ts';
import { entryValues } from './operation.ts';

const ringOf = (type: WireType): Ring => (type as WireType & { kind: 'ring' }).bits;

/** Multiply-adds in one kernel call, some milliseconds; but each call reads the whole panel, so fewer rows than these would be slow. */
const STRIP = 1 << 27;
const STRIP_ROWS = 32;

interface Shape {
  readonly bits: Ring;
  readonly rows: number;
  readonly cols: number;
  readonly inner: number;
}

/** out ± = x (rows × inner) · y (cols × inner)ᵀ */
function addProduct(context: LocalContext, shape: Shape, out: Ptr, x: Ptr, y: Ptr, combine: 'add' | 'subtract'): void {
  const { bits, rows, cols, inner } = shape;
  const ring = ringAlgebra(context.abi, bits);
  const width = bits / 8;
  // Sums go by whole vectors of 16 bytes: strips of 8 rows start at one, and the last vector of one holds nothing of the next.
  const strip = Math.min(rows, Math.max(STRIP_ROWS, Math.floor(STRIP / (cols * inner)) & ~7));
  const panel = context.temp({ kind: 'bits', size: 8 * panelBytes(bits, cols, inner) });
  const product = context.temp({ kind: 'ring', bits, size: strip * cols });
  ring.pack(panel, y, cols, inner);
  for (let row = 0; row < rows; row += strip) {
    const count = Math.min(strip, rows - row);
    ring.gemm(product, x + row * inner * width, panel, count, cols, inner);
    const at = out + row * cols * width;
    ring[combine](at, at, product, count * cols);
  }
}

const dense = bilinear<MatmulNode>({
  clear: ({ rows, cols, inner }, x, y) =>
    Array.from({ length: rows * cols }, (_, at) => {
      const [row, col] = [Math.floor(at / cols), at % cols];
      let sum = 0n;
      for (let k = 0; k < inner; k++) sum += x[row * inner + k]! * y[col * inner + k]!;
      return sum;
    }),
  accumulate({ rows, cols, inner, out: [result] }, context, out, x, y) {
    addProduct(context, { bits: ringOf(context.type(result!)), rows, cols, inner }, out, x, y, 'add');
  },
});

/**
 * x · y of two owners' own wires with few nonzero entries a row. As λx = Δx − x and λy = Δy − y,
 * (Δx − λx)(Δy − λy) = x·Δy + Δx·y − Δx·Δy + λx·λy: the owner of x adds the first, sparse; the owner of y the second, sparse; each
 * half of the rows of the third, which is public. So a party does half of one dense product where it would do one.
 */
function* sparseParty(node: MatmulNode, context: PartyContext): ReturnType<Operation<MatmulNode>['party']> {
  const [x, y] = node.in as readonly [Wire, Wire];
  const [deltaX, deltaY] = [context.masked(x).delta, context.masked(y).delta];
  const type = context.type(node.out[0]!);
  const ring = ringAlgebra(context.abi, ringOf(type));
  const shape = { bits: ringOf(type), rows: node.rows, cols: node.cols, inner: node.inner };
  const share = context.share(type);
  const opening = context.opening(type);
  const { owners, weights } = node.sparse!;
  // A multiple of 8 rows: see `addProduct`.
  const half = (node.rows >> 1) & ~7;
  if (context.index === owners[0]) {
    addSparse(context, shape, opening.delta, x, y, weights[0]);
    if (half > 0) addProduct(context, { ...shape, rows: half }, opening.delta, deltaX, deltaY, 'subtract');
  }
  if (context.index === owners[1]) {
    const [turned, product] = [context.temp(type), context.temp(type)];
    ring.fill(turned, 0n, type.size);
    addSparse(context, { ...shape, rows: node.cols, cols: node.rows }, turned, y, x, weights[1]);
    ring.transpose(product, turned, node.cols, node.rows);
    ring.add(opening.delta, opening.delta, product, type.size);
    const [out, from] = [half * node.cols, half * node.inner].map((words) => (words * shape.bits) / 8);
    const rest = { ...shape, rows: node.rows - half };
    addProduct(context, rest, opening.delta + out!, deltaX + from!, deltaY, 'subtract');
  }
  ring.add(opening.delta, opening.delta, share, type.size);
  yield [opening];
  context.output(node.out[0]!, opening);
}

/**
 * out += own (rows × inner) · other (cols × inner)ᵀ. Runs at: the owner of `own`. Which places are read, and so what the caches do,
 * depends on its own entries; how many is `weight` a row, a public shape, whatever the entries.
 */
function addSparse(context: PartyContext, shape: Shape, out: Ptr, own: Wire, other: Wire, weight: number): void {
  const { bits, rows, cols, inner } = shape;
  const ring = ringAlgebra(context.abi, bits);
  const width = bits / 8;
  const indices = context.derived(own, `entries/${inner}/${weight}`, () => {
    const { type, delta, lambda } = context.masked(own);
    return context.entries(minus(context, type, delta, lambda), shape, weight);
  });
  const turned = context.derived(other, `transposed/${inner}`, () => {
    const ptr = context.temp({ kind: 'ring', bits, size: cols * inner });
    ring.transpose(ptr, context.masked(other).delta, cols, inner);
    return ptr;
  });
  const values = indices + entryValues(rows, weight);
  for (let row = 0; row < rows; row++) {
    const at = row * weight;
    ring.sparse(out + row * cols * width, indices + 4 * at, values + width * at, weight, turned, cols);
  }
}

export const matmul: Operation<MatmulNode> = {
  ...dense,
  party: (node, context) => (node.sparse === undefined ? dense.party(node, context) : sparseParty(node, context)),
};
