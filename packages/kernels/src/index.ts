export type { Abi, Ptr, PtrTable, Width } from './abi.ts';
export { Arena } from './arena.ts';
export { createKernels, type Kernels } from './load.ts';
export { panelBytes } from './panel.ts';
export { createTwin } from './twin.ts';
