export { bindStudy, studyHash } from './bind.ts';
export {
  type AggregateKind,
  type BoundAggregate,
  type BoundJoin,
  type BoundKey,
  type BoundNode,
  type BoundStudy,
  type Bounds,
  type BoundTable,
  type ColumnUse,
  joinedOn,
  localSql,
  type NodeType,
  type Opened,
  type Rest,
  type RuleJoined,
  restsBeside,
  type Support,
} from './bound.ts';
export { type ClearJoins, type ClearTables, runStudyClear, writtenSql } from './clear.ts';
export type { Duck } from './clear-rules.ts';
export { explainStudy } from './explain.ts';
export { keySqlType, keyValues } from './keys.ts';
export {
  afterSql,
  aggregateSqlType,
  aggregateValue,
  type Cell,
  complete,
  mayShow,
  type StudyResult,
  totals,
  withheld,
} from './release.ts';
export { type BoundRule, type CompiledJoin, compileJoin } from './rules.ts';
export { linesOf, type Said, said, topics } from './said.ts';
export {
  type AgreedJoin,
  type AgreedRule,
  type ColumnPolicy,
  checkSchema,
  type Schema,
  type StudyColumn,
  type StudyTable,
} from './schema.ts';
