import type { Width } from './abi.ts';

/** Columns a group of the panel holds, and inner steps that lie side by side in it. */
const shape: Record<Width, { cols: number; steps: number }> = {
  16: { cols: 8, steps: 2 },
  32: { cols: 8, steps: 1 },
  64: { cols: 4, steps: 1 },
};

const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

/** Bytes of the panel that `pack{B}` makes of a cols × inner matrix. */
export function panelBytes(width: Width, cols: number, inner: number): number {
  const s = shape[width];
  return (roundUp(cols, s.cols) * roundUp(inner, s.steps) * width) / 8;
}

/** Where the panel holds element (column j, inner step k): groups of columns, in them steps, in them the columns. */
export function panelIndex(width: Width, inner: number, j: number, k: number): number {
  const s = shape[width];
  const group = (j - (j % s.cols)) * roundUp(inner, s.steps);
  return group + (k - (k % s.steps)) * s.cols + (j % s.cols) * s.steps + (k % s.steps);
}
