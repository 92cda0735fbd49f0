export type { Abi, Ptr, PtrTable, Width } from './abi.ts';
export { GF_TABLE_BYTES, OKVS_WORK_BYTES, PLANES_WORK_BYTES } from './abi-link.ts';
export { Arena } from './arena.ts';
export { createKernels, type Kernels } from './load.ts';
export { panelBytes } from './panel.ts';
export { createTwin } from './twin.ts';
