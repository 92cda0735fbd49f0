export { type LaneColumn, type Rows, rowsOf } from './columns.ts';
export { decodeRun, type Released } from './decode.ts';
export { type EncodeOptions, encodeUnit } from './encode.ts';
export { type DeclaredRegion, declareRegion, type RegionShape, RowLanes } from './lanes.ts';
export type { NodeLane, NumberLane, TruthLane } from './nodes.ts';
export { type OwnTable, ownSql, readOwn } from './own.ts';
export {
  planStudy,
  type RunOptions,
  regionOf,
  type Sizes,
  type StudyRun,
  type StudyUnit,
  type TableSize,
} from './run.ts';
