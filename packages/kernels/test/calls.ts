import { type Kernels, panelBytes, type Width } from '../src/index.ts';
import { linkCalls } from './calls-link.ts';
import { orderCalls } from './calls-orders.ts';
import { radixCalls } from './calls-radix.ts';
import { type Call, type Pick, pointerTable } from './harness.ts';

/** A random call of a kernel on n elements (or bytes). */
export type MakeCall = (n: number, pick: Pick) => Call;

/** One entry for every export. */
export const calls: Record<string, MakeCall> = {
  ...ringCalls(16),
  ...ringCalls(32),
  ...ringCalls(64),
  ...linkCalls,
  ...orderCalls,
  ...radixCalls,
  xor: bitwise('xor'),
  and: bitwise('and'),
  xorAnd: bitwise('xorAnd'),
  not: (n) => ({ sizes: [n, n], run: ({ abi }, [out, a]) => abi.not(out!, a!, n) }),
  fold(n, pick) {
    const f = pick(1, 4);
    const sentinels = sentinelsOf(f, pick);
    const gate = pick(0, 2);
    return {
      sizes: Array(2 + f + 2 ** f).fill(n),
      run: withTables(f, sentinels, ({ abi }, [out, free], deltas, shares) =>
        abi.fold(out!, deltas, shares, gate < 2 ? gate : free!, f, n),
      ),
    };
  },
  extend16to32: convert('extend16to32', 2, 4),
  extend16to64: convert('extend16to64', 2, 8),
  extend32to64: convert('extend32to64', 4, 8),
  narrow32to16: convert('narrow32to16', 4, 2),
  narrow64to16: convert('narrow64to16', 8, 2),
  narrow64to32: convert('narrow64to32', 8, 4),
  copy16(n, pick) {
    const [to, from] = [pick(16, 80), pick(0, 80)];
    return {
      sizes: [to * (n - 1) + 16, from * (n - 1) + 16],
      exact: true,
      run: ({ abi }, [out, src]) => abi.copy16(out!, to, src!, from, n),
    };
  },
  shr64(n, pick) {
    const f = pick(0, 63);
    return { sizes: [8 * n, 8 * n], run: ({ abi }, [out, a]) => abi.shr64(out!, a!, f, n) };
  },
  and64c(n, pick) {
    const mask = scalar64(pick);
    return { sizes: [8 * n, 8 * n], run: ({ abi }, [out, a]) => abi.and64c(out!, a!, mask, n) };
  },
};

function bitwise(name: 'xor' | 'and' | 'xorAnd'): MakeCall {
  return (n, pick) => {
    const alias = pick(0, 2);
    return { sizes: [n, n, n], run: ({ abi }, p) => abi[name](p[alias]!, p[1]!, p[2]!, n) };
  };
}

type Conversion = 'extend16to32' | 'extend16to64' | 'extend32to64' | 'narrow32to16' | 'narrow64to16' | 'narrow64to32';

function convert(name: Conversion, from: number, to: number): MakeCall {
  return (n) => ({ sizes: [to * n, from * n], exact: true, run: ({ abi }, [out, src]) => abi[name](out!, src!, n) });
}

function scalar64(pick: Pick): bigint {
  return (BigInt(pick(0, 2 ** 31)) << 33n) - BigInt(pick(0, 2 ** 31));
}

/** For each Δ, then each share: 0 or 1, or 2 for a vector of its own. */
function sentinelsOf(f: number, pick: Pick): number[] {
  return Array.from({ length: f + 2 ** f }, () => (pick(0, 2) === 0 ? pick(0, 1) : 2));
}

type FoldRun = (kernels: Kernels, ptrs: number[], deltas: number, shares: number) => void;

function withTables(f: number, sentinels: number[], run: FoldRun): Call['run'] {
  return (kernels, ptrs) => {
    const operands = sentinels.map((s, i) => (s < 2 ? s : ptrs[i + 2]!));
    const deltas = pointerTable(kernels, operands.slice(0, f));
    const shares = pointerTable(kernels, operands.slice(f));
    run(kernels, ptrs, deltas, shares);
    kernels.arena.free(deltas);
    kernels.arena.free(shares);
  };
}

function ringCalls(width: Width): Record<string, MakeCall> {
  const size = width / 8;
  const zip = (name: 'add' | 'sub' | 'mul' | 'fma' | 'fms'): MakeCall => {
    return (n, pick) => {
      const alias = pick(0, 2);
      return {
        sizes: [size * n, size * n, size * n],
        run: ({ abi }, p) => abi[`${name}${width}`](p[alias]!, p[1]!, p[2]!, n),
      };
    };
  };
  const scalar = (pick: Pick) => ({ small: pick(0, 2 ** 32 - 1) | 0, large: scalar64(pick) });
  const matrix = (pick: Pick) => ({ cols: pick(1, 20), inner: pick(0, 9) === 0 ? pick(500, 1100) : pick(1, 40) });
  const ops: Record<string, MakeCall> = {
    add: zip('add'),
    sub: zip('sub'),
    mul: zip('mul'),
    fma: zip('fma'),
    fms: zip('fms'),
    axpy(n, pick) {
      const { small, large } = scalar(pick);
      const run: Call['run'] = ({ abi }, [out, a]) =>
        width === 64 ? abi.axpy64(out!, a!, large, n) : abi[`axpy${width}`](out!, a!, small, n);
      return { sizes: [size * n, size * n], run };
    },
    fill(n, pick) {
      const { small, large } = scalar(pick);
      const run: Call['run'] = ({ abi }, [out]) =>
        width === 64 ? abi.fill64(out!, large, n) : abi[`fill${width}`](out!, small, n);
      return { sizes: [size * n], run };
    },
    sum: (n) => ({ sizes: [size * n], run: ({ abi }, [a]) => abi[`sum${width}`](a!, n) }),
    dot: (n) => ({ sizes: [size * n, size * n], run: ({ abi }, [a, b]) => abi[`dot${width}`](a!, b!, n) }),
    pack(_, pick) {
      const { cols, inner } = matrix(pick);
      return {
        sizes: [panelBytes(width, cols, inner), cols * inner * size],
        run: ({ abi }, [panel, b]) => abi[`pack${width}`](panel!, b!, cols, inner),
      };
    },
    gemm(_, pick) {
      const { cols, inner } = matrix(pick);
      const rows = pick(1, 9);
      return {
        sizes: [rows * cols, rows * inner, cols * inner].map((n) => n * size).concat(panelBytes(width, cols, inner)),
        exact: true,
        run({ abi }, [out, a, b, panel]) {
          abi[`pack${width}`](panel!, b!, cols, inner);
          abi[`gemm${width}`](out!, a!, panel!, rows, cols, inner);
        },
      };
    },
    transpose(_, pick) {
      const [rows, cols] = [pick(1, 70), pick(1, 70)];
      return {
        sizes: [rows * cols * size, rows * cols * size],
        exact: true,
        run: ({ abi }, [out, a]) => abi[`transpose${width}`](out!, a!, rows, cols),
      };
    },
    sparse(n, pick) {
      const [terms, rows] = [pick(0, 9), pick(1, 6)];
      const indices = Uint32Array.from({ length: terms }, () => pick(0, rows - 1));
      return {
        sizes: [n * size, terms * size, rows * n * size],
        exact: true,
        run({ abi, arena }, [out, coefficients, b]) {
          const table = arena.alloc(4 * terms);
          arena.u32(table, terms).set(indices);
          abi[`sparse${width}`](out!, table, coefficients!, terms, b!, n);
          arena.free(table);
        },
      };
    },
    fold(n, pick) {
      const f = pick(1, 4);
      const { small, large } = scalar(pick);
      const run: FoldRun = ({ abi }, [out], deltas, shares) =>
        width === 64
          ? abi.fold64(out!, deltas, shares, large, f, n)
          : abi[`fold${width}`](out!, deltas, shares, small, f, n);
      return { sizes: Array(2 + f + 2 ** f).fill(size * n), run: withTables(f, sentinelsOf(f, pick), run) };
    },
    slice(n, pick) {
      const lo = pick(0, width - 1);
      const hi = pick(lo + 1, width);
      const stride = Math.ceil(n / 128) * 16 + 16 * pick(0, 1);
      return {
        sizes: [(hi - lo - 1) * stride + Math.ceil(n / 128) * 16, n * size],
        run: ({ abi }, [out, src]) => abi[`slice${width}`](out!, stride, src!, n, lo, hi),
      };
    },
    spread: (n) => ({
      sizes: [n * size, Math.ceil(n / 8)],
      run: ({ abi }, [out, bits]) => abi[`spread${width}`](out!, bits!, n),
    }),
  };
  return Object.fromEntries(Object.entries(ops).map(([name, make]) => [`${name}${width}`, make]));
}
