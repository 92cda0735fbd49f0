import type { LogRankSummary } from '../statistics/log-rank.ts';

/** What is agreed on the release of survival times. */
export interface SurvivalRule {
  /** Fewest patients, of every party, behind anything that opens; with 1 everything opens. */
  readonly minimum: number;
  /** Where rows are split over several parties: of some of them no patient may be behind it. */
  readonly emptyParty?: boolean | undefined;
  /** Ascending whole times at which the curves open. */
  readonly at: readonly number[];
  /** Of the medians' intervals; 0.95 by default. */
  readonly level?: number | undefined;
}

/** What opens of the survival of several groups; what is withheld is not there. */
export interface SurvivalRelease {
  readonly groups: readonly ReleasedGroup[];
  /** Null where a group is withheld, or there is but one. */
  readonly logRank: LogRankSummary | null;
}

export interface ReleasedGroup {
  readonly group: string;
  /** Patients, and how many had the event; null where the whole group is withheld. */
  readonly whole: { readonly n: number; readonly events: number } | null;
  /** Those agreed times that open. */
  readonly points: readonly ReleasedPoint[];
  readonly median: Crossing;
  /** Where the ends of the median's interval fall (R. Brookmeyer, J. Crowley, Biometrics 38 (1982) 29; log scale). */
  readonly low: Crossing;
  readonly high: Crossing;
}

export interface ReleasedPoint {
  readonly time: number;
  /** Who had the event at this time or before. */
  readonly events: number;
  /** Who is observed longer, or until this time without the event. */
  readonly atRisk: number;
  /** Kaplan–Meier's ln S; −∞ where no one is left. */
  readonly logSurvival: number;
  /** Greenwood's variance of ln S: Σ d/(n(n − d)). */
  readonly variance: number;
}

/** When a line first comes to one half or below: a time, `never`, or `withheld`. */
export type Crossing = number | 'never' | 'withheld';
