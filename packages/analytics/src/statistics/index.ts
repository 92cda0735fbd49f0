export { beforeAfter } from './before-after.ts';
export { correlation } from './correlation.ts';
export { type CrossTable, crossTable, crossTabulation } from './cross-table.ts';
export { type Design, intercept, withIntercept } from './design.ts';
export {
  type CrossSectionSummary,
  differenceInDifferences,
  type PanelResult,
  type PanelSummary,
  panelDifferenceInDifferences,
} from './difference-in-differences.ts';
export {
  chiSquared,
  type DiscreteDistribution,
  type Distribution,
  fisherF,
  hypergeometric,
  normal,
  studentT,
} from './distributions.ts';
export { conditionalOddsRatio, type FisherExact, fisherExact, freemanHalton } from './fisher.ts';
export { type HistogramResult, type HistogramSummary, histogram, histogramSummary } from './histogram.ts';
export {
  kaplanMeier,
  type SurvivalCurve,
  type SurvivalOptions,
  type SurvivalPoint,
  type SurvivalResult,
} from './kaplan-meier.ts';
export {
  type ClusterSummary,
  type LinearResult,
  type LinearSummary,
  linearRegression,
  linearSummary,
} from './linear-regression.ts';
export {
  type LogRankOptions,
  type LogRankResult,
  type LogRankSummary,
  logRank,
  logRankSummary,
  logRankTest,
} from './log-rank.ts';
export {
  fitLogistic,
  type LogisticOptions,
  type LogisticResult,
  type LogisticStep,
  type LogisticSummary,
  logisticRegression,
  logisticStep,
  logisticSummary,
} from './logistic-regression.ts';
export { compareMeans, type MeansOptions } from './means.ts';
export { type CoMoments, coMoments, describeMoments, type Moments, mean, moments, variance } from './moments.ts';
export { type QuantileRanks, type QuantileSummary, quantile, quantileRanks, quantileSummary } from './quantile.ts';
export type { Estimate, Interval, MethodResult, Note, NoteCode, Stratum, TestResult } from './result.ts';
export { type RiskTable, riskMeasures } from './risk.ts';
export { type FollowUp, type SurvivalTable, survivalTable } from './survival-table.ts';
export type { MethodOptions } from './wald.ts';
