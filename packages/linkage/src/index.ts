export { countName, verdictName } from './all-pairs/choice.ts';
export { encodePairs } from './all-pairs/encode.ts';
export type { BilinearLeaf, ProgramLeaf } from './all-pairs/leaf.ts';
export { allPairsPlan, leafInputs } from './all-pairs/plan.ts';
export { type AllPairsProgram, allPairsProgram } from './all-pairs/program.ts';
export type { PairVectors } from './all-pairs/session.ts';
export { type Tile, tilesOf } from './all-pairs/tiles.ts';
export { decodeCount, decodeVerdicts } from './all-pairs/verdicts.ts';
export { laneColumn, maskRows, rowsByBin } from './blocking/bin-rows.ts';
export { makeEntries } from './blocking/entries.ts';
export { fieldBytes, type Layout, layoutOf, type PartShape, planeBits, writeColumn } from './blocking/layout.ts';
export {
  type Meeting,
  type MeetingSide,
  meetHub,
  openStore,
  type PlacedEntries,
  placeHub,
  receiveStore,
  type Store,
  sendEntries,
  storeBytesOf,
} from './blocking/meeting.ts';
export { type ResolveProgram, type ShardProgram, scoreWidth } from './blocking/program.ts';
export type { Resolved } from './blocking/resolve-session.ts';
export { type BlockingRun, type BlockingTerms, blockingRun, mostPartners } from './blocking/run.ts';
export { meetCost } from './blocking/shape.ts';
export type { ShardInput, ShardResult } from './blocking/shard.ts';
export { type Prepared, type PrepareOptions, prepare, prepareSide, RunSide } from './blocking/side.ts';
export { clearScoreSql, clearSql, type PreparedColumn, prepareClear } from './clear.ts';
export { type Column, type Columns, defaultAlphabet } from './columns.ts';
export { encodeLeaf, outsideAlphabet } from './encode/encode.ts';
export { encodeKeys, keyEquality } from './encode/keys.ts';
export type { LocalTable } from './encode/table.ts';
export { explainRule } from './explain.ts';
export { planesOf } from './lanes/bits.ts';
export { encodeParts, laneLeaf } from './lanes/encode.ts';
export { type LaneLeaf, type LanePart, lanePartsOf, parseLaneLeaf } from './lanes/program.ts';
export { laneScored, laneVerdict } from './lanes/verdict.ts';
export { macros } from './macros.ts';
export { type Line, type ManyPartyOptions, ManyPartySession } from './many-party.ts';
export { type NormaliseStep, normalise, normaliseSteps } from './normalise.ts';
export { everyPair, type Outcome } from './outcome.ts';
export { type LinkResult, PairList, type Pairs } from './pairs.ts';
export { type LinkPlan, type LinkRules, type PlanCost, planCostOf, planHash, planLink, sessionsOf } from './planner.ts';
export { linkProgram } from './program.ts';
export {
  dealLink,
  type InputOf,
  type LinkProgram,
  linkCost,
  linkPads,
  openLinkSession,
  parseLinkProgram,
  programHash,
  type ResultOf,
} from './protocols.ts';
export { dealVectorOle } from './psi/dealer.ts';
export { firstRowsOf } from './psi/find.ts';
export { NONE, type NumberedKeys, type PsiKeys } from './psi/keys.ts';
export { runKeys } from './psi/oprf.ts';
export type { KeysProgram } from './psi/program.ts';
export { type PsiOptions, PsiSession } from './psi/session.ts';
export { type PsiCost, type PsiRows, psiCost } from './psi/shape.ts';
export { type CompiledRule, compileRule, type Local } from './rule/compile.ts';
export { type Leaf, type Shape, shapeOf } from './rule/leaf.ts';
export type { Side } from './rule/value.ts';
export type { LinkCost, LinkOptions, LinkPad, LinkSession } from './session.ts';
export { agreeing, type BlockSizes, Blocks } from './tune/blocks.ts';
export {
  type Draw,
  type ErrorColumn,
  type ErrorLevel,
  type ErrorRates,
  errorLevels,
  mistype,
  seededDraw,
  withErrors,
} from './tune/errors.ts';
export { type Proposal, proposeKeys } from './tune/proposals.ts';
export { type ChosenKeys, chooseKeys, expectedRecall, type KeyOnPairs } from './tune/recall.ts';
export { evaluate, type Formula } from './verdict/formula.ts';
export { warmUp } from './warm.ts';
