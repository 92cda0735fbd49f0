export { settingsSchema } from './config.ts';
export { countersign } from './countersign.ts';
export type { Spent } from './evaluate.ts';
export { type Evaluated, Evaluators, type Means } from './evaluators.ts';
export type { JobInfo } from './jobs.ts';
export { startCompute } from './start.ts';
export type { TableInfo } from './tables.ts';
