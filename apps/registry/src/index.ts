export { startCentre } from './centre/start.ts';
export { startModule } from './module/start.ts';
export { startOprf } from './oprf/start.ts';
