import type { Width } from './abi.ts';

/** Columns in a group of the panel, inner steps that lie side by side for one column, and inner steps in a block (as/gemm16.ts). */
const shape: Record<Width, { cols: number; steps: number; block: number }> = {
  16: { cols: 8, steps: 2, block: 1024 },
  32: { cols: 8, steps: 1, block: 512 },
  64: { cols: 4, steps: 1, block: 512 },
};

const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/** Bytes of the panel that `pack{B}` makes of a cols × inner matrix. */
export function panelBytes(width: Width, cols: number, inner: number): number {
  const s = shape[width];
  return (roundUp(cols, s.cols) * roundUp(inner, s.steps) * width) / 8;
}

/** Where the panel holds element (column j, inner step k): blocks of steps, in them groups of columns, in them steps, then columns. */
export function panelIndex(width: Width, cols: number, inner: number, j: number, k: number): number {
  const s = shape[width];
  const block = k - (k % s.block);
  const steps = Math.min(s.block, roundUp(inner, s.steps) - block);
  const group = block * roundUp(cols, s.cols) + (j - (j % s.cols)) * steps;
  const step = k - block - (k % s.steps);
  return group + step * s.cols + (j % s.cols) * s.steps + (k % s.steps);
}
