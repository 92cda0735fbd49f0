import type { Ptr, PtrTable, RingOps, Width } from './abi.ts';
import type { Arena } from './arena.ts';
import { panelBytes, panelIndex } from './panel.ts';

/** Z_{2^width} on JavaScript values. */
export interface Ring<S> {
  width: Width;
  zero: S;
  one: S;
  view(ptr: Ptr, n: number): Elements<S>;
  add(x: S, y: S): S;
  sub(x: S, y: S): S;
  mul(x: S, y: S): S;
  /** Any integer to its representative in [0, 2^width). */
  wrap(x: S): S;
  bit(x: S, k: number): number;
}

interface Elements<S> {
  [i: number]: S;
  fill(value: S): unknown;
}

export function ringOps<S>(arena: Arena, ring: Ring<S>): RingOps<S> {
  const { width, zero, one, view, add, sub, mul, wrap, bit } = ring;
  const zip = (f: (old: S, x: S, y: S) => S) => (out: Ptr, a: Ptr, b: Ptr, n: number) => {
    const [to, x, y] = [view(out, n), view(a, n), view(b, n)];
    for (let i = 0; i < n; i++) to[i] = f(to[i]!, x[i]!, y[i]!);
  };
  const total = (n: number, term: (i: number) => S): S => {
    let sum = zero;
    for (let i = 0; i < n; i++) sum = add(sum, term(i));
    return sum;
  };
  const operand = (table: PtrTable, index: number, n: number): ((i: number) => S) => {
    const ptr = arena.u32(table, index + 1)[index]!;
    if (ptr < 2) return () => (ptr === 0 ? zero : one);
    const values = view(ptr, n);
    return (i) => values[i]!;
  };

  return {
    add: zip((_, x, y) => add(x, y)),
    sub: zip((_, x, y) => sub(x, y)),
    mul: zip((_, x, y) => mul(x, y)),
    fma: zip((old, x, y) => add(old, mul(x, y))),
    fms: zip((old, x, y) => sub(old, mul(x, y))),
    axpy(out, a, c, n) {
      zip((old, x) => add(old, mul(wrap(c), x)))(out, a, a, n);
    },
    fill(out, c, n) {
      view(out, n).fill(wrap(c));
    },
    sum(a, n) {
      const x = view(a, n);
      return total(n, (i) => x[i]!);
    },
    dot(a, b, n) {
      const [x, y] = [view(a, n), view(b, n)];
      return total(n, (i) => mul(x[i]!, y[i]!));
    },
    pack(panel, b, cols, inner) {
      const [to, from] = [view(panel, (panelBytes(width, cols, inner) * 8) / width), view(b, cols * inner)];
      to.fill(zero);
      for (let j = 0; j < cols; j++)
        for (let k = 0; k < inner; k++) to[panelIndex(width, cols, inner, j, k)] = from[j * inner + k]!;
    },
    gemm(out, a, panel, rows, cols, inner) {
      const [to, x] = [view(out, rows * cols), view(a, rows * inner)];
      const y = view(panel, (panelBytes(width, cols, inner) * 8) / width);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++) {
          to[i * cols + j] = total(inner, (k) => mul(x[i * inner + k]!, y[panelIndex(width, cols, inner, j, k)]!));
        }
      }
    },
    transpose(out, a, rows, cols) {
      const [to, from] = [view(out, rows * cols), view(a, rows * cols)];
      for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) to[j * rows + i] = from[i * cols + j]!;
    },
    sparse(out, indices, coefficients, terms, b, cols) {
      const [to, at, c] = [view(out, cols), arena.u32(indices, terms), view(coefficients, terms)];
      for (let t = 0; t < terms; t++) {
        const row = view(b + (at[t]! * cols * width) / 8, cols);
        for (let j = 0; j < cols; j++) to[j] = add(to[j]!, mul(c[t]!, row[j]!));
      }
    },
    fold(out, deltas, shares, c, f, n) {
      const to = view(out, n);
      const delta = Array.from({ length: f }, (_, k) => operand(deltas, k, n));
      const share = Array.from({ length: 2 ** f }, (_, s) => operand(shares, s, n));
      for (let i = 0; i < n; i++) {
        for (const [s, value] of share.entries()) {
          // Δ_k for k ∉ S, −1 for k ∈ S.
          const factors = delta.map((d, k) => ((s >> k) & 1 ? sub(zero, one) : d(i)));
          to[i] = add(to[i]!, mul(wrap(c), factors.reduce(mul, value(i))));
        }
      }
    },
    slice(out, stride, src, n, lo, hi) {
      const from = view(src, n);
      for (let k = lo; k < hi; k++) {
        const to = arena.bytes(out + (k - lo) * stride, Math.ceil(n / 128) * 16).fill(0);
        for (let i = 0; i < n; i++) to[i >> 3]! |= bit(from[i]!, k) << (i & 7);
      }
    },
    spread(out, bits, n) {
      const [to, from] = [view(out, n), arena.bytes(bits, Math.ceil(n / 8))];
      for (let i = 0; i < n; i++) to[i] = (from[i >> 3]! >> (i & 7)) & 1 ? one : zero;
    },
  };
}
