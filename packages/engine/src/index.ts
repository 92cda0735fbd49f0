export { PlanBuilder } from './plan/builder.ts';
export type { Plan, PlanNode, Range, Ring, Term, Wire, WireType } from './plan/types.ts';
export { byteLength, signedWidth } from './plan/types.ts';
