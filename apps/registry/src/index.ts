export * as centreContracts from './centre/contracts.ts';
export { startCentre } from './centre/start.ts';
export * as moduleContracts from './module/api/contracts.ts';
export * as moduleApi from './module/api/contracts.ts';
export { startModule } from './module/start.ts';
export { startOprf } from './oprf/start.ts';
