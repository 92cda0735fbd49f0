export { startCentre } from './centre/start.ts';
export { startOprf } from './oprf/start.ts';
