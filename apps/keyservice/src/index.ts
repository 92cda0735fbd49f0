export { settingsSchema } from './config.ts';
export { startKeyservice } from './start.ts';
