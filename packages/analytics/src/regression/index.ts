export { type RegressionLanes, type Scaling, scalingOf } from './design.ts';
export { type LogisticRule, openLogistic } from './open.ts';
export { type NamedColumn, readLogistic } from './read.ts';
export { logisticResult } from './result.ts';
