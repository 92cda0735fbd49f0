export type { JobInfo } from './jobs.ts';
export { startCompute } from './start.ts';
export type { TableInfo } from './tables.ts';
