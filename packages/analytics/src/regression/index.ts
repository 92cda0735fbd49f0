export { flagScaling, type RegressionLanes, type Scaling, scalingOf, scalingWithin } from './design.ts';
export { type LogisticRule, openLogistic } from './open.ts';
export { type NamedColumn, readLogistic } from './read.ts';
export { logisticResult } from './result.ts';
