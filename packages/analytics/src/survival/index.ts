export { releaseInClear } from './clear.ts';
export { type SurvivalLanes, type SurvivalShape, survivalCounts } from './counts.ts';
export { openSurvival } from './open.ts';
export { readSurvival } from './read.ts';
export type { Crossing, ReleasedGroup, ReleasedPoint, SurvivalRelease, SurvivalRule } from './release.ts';
export { survivalResult } from './result.ts';
