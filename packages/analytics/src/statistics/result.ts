/** What a method hands to a report. Everything in it was released, or follows from what was. */
export interface MethodResult {
  /** The method, by the name a statistician knows it by. */
  readonly method: string;
  /** How many observations stand behind it; of paired methods, pairs. */
  readonly n: number;
  readonly estimates: readonly Estimate[];
  readonly tests: readonly TestResult[];
  /** What the reader must know to trust the numbers: what could not be estimated, and why. */
  readonly notes: readonly Note[];
  /** Where rows are split into strata: the result of each. `estimates`, `tests` and `notes` are then those of all of them, named after their stratum. */
  readonly strata?: readonly Stratum[];
}

export interface Stratum {
  readonly by: string;
  readonly result: MethodResult;
}

/** One number with its precision. What cannot be estimated is null, and a note of the result says why. */
export interface Estimate {
  readonly name: string;
  /** In the unit of the data, or a ratio. */
  readonly value: number | null;
  /** Scale on which the standard error stands and the interval is symmetric. */
  readonly scale: 'identity' | 'log';
  readonly standardError: number | null;
  readonly interval: Interval | null;
  readonly n: number;
  /** Of no effect: value 0, or 1 on the log scale. */
  readonly test: TestResult | null;
}

/** A confidence interval; null on the side where the data set no limit. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
  /** Such as 0.95. */
  readonly level: number;
  /** How it was made, for the report's footnote. */
  readonly method: string;
}

export interface TestResult {
  readonly method: string;
  /** Null where the test is exact and has none. */
  readonly statistic: { readonly name: 't' | 'z' | 'χ²' | 'F'; readonly value: number } | null;
  /** Degrees of freedom of the statistic: none, one, or F's two. */
  readonly df: readonly number[];
  /** Two-sided where the alternative has two sides. */
  readonly p: number;
}

export type NoteCode =
  | 'empty'
  | 'no-variation'
  | 'zero-cell'
  | 'small-expected'
  | 'suppressed'
  | 'too-much-work'
  | 'collinear'
  | 'separation'
  | 'not-converged'
  | 'not-reached'
  | 'perfect-fit';

export interface Note {
  readonly code: NoteCode;
  readonly text: string;
  /** Columns, groups or cells at fault. */
  readonly names?: readonly string[];
}
