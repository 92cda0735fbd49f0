export * as centreApi from './centre/every-contract.ts';
export { startCentre } from './centre/start.ts';
export * as moduleApi from './module/api/contracts.ts';
export { startModule } from './module/start.ts';
export { startOprf } from './oprf/start.ts';
