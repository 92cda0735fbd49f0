export { decodeBound, type ReleasedBound } from './decode.ts';
export { type Bound, ownRowsOf, planBound, planMethod } from './plan.ts';
