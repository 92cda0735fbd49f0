import type { BoundStudy, Support } from '../sql/bound.ts';
import type { Method } from './methods.ts';

/** A node of every row, under the name that the method, or a report, has for it. */
export interface Named {
  readonly name: string;
  readonly node: number;
}

/**
 * The rows that a method works on, bound like a study: nodes in the order in which they can be computed, and `where`, whose nodes are all
 * TRUE in a row that counts.
 */
export interface BoundRows extends Pick<BoundStudy, 'tables' | 'joins' | 'nodes' | 'where' | 'release' | 'uses'> {
  readonly kind: 'rows/1';
  /** What the SELECT gives each row. None is NULL in a row that counts, but those that a method takes as `value`. */
  readonly items: readonly Named[];
}

/**
 * A method that aggregates cannot stand for: a secure computation over the rows' values. Nothing of it opens unless each of `supports` has
 * k patients, as release rules count them.
 */
export type RowMethod = {
  /** Sets of rows; the first is all rows. */
  readonly supports: readonly Support[];
} & (
  | {
      readonly kind: 'survival';
      /** A number. */
      readonly time: number;
      /** A boolean: FALSE where observation ended without the event. */
      readonly event: number;
      /** A boolean for each group, of which one is TRUE; one group of all rows, if empty. */
      readonly groups: readonly Named[];
      /** Times at which curves open: ascending whole numbers at the scale of `time`, within its range. */
      readonly at: readonly string[];
    }
  | {
      readonly kind: 'logistic';
      /** A boolean. */
      readonly outcome: number;
      /** Numbers, and booleans that count as 0 and 1; without the column of ones. */
      readonly columns: readonly Named[];
    }
);

/** The aggregate SELECT that a method is reduced to; {@link finishMethod} makes its result of the cells. */
export interface Reduction {
  readonly kind: 'study';
  readonly study: BoundStudy;
}

/** A method over a SELECT, bound to a schema: plain data, the same at every party, hashed by `methodHash`. */
export interface BoundMethod {
  readonly kind: 'method/1';
  /** As it was written. */
  readonly sql: string;
  readonly method: Method;
  readonly rows: BoundRows;
  readonly work: Reduction | RowMethod;
}
