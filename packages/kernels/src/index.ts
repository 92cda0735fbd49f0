export {
  type Abi,
  GF_TABLE_BYTES,
  OKVS_WORK_BYTES,
  PLANES_WORK_BYTES,
  type Ptr,
  type PtrTable,
  type Width,
} from './abi.ts';
export { Arena } from './arena.ts';
export { createKernels, type Kernels } from './load.ts';
export { panelBytes } from './panel.ts';
export { createTwin } from './twin.ts';
