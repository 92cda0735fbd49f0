export { countersign } from './countersign.ts';
export type { Spent } from './evaluate.ts';
export { type Evaluated, evaluateInProcesses, type Means } from './evaluate-in-processes.ts';
export type { JobInfo } from './jobs.ts';
export { startCompute } from './start.ts';
export type { TableInfo } from './tables.ts';
