import { demand } from './fields.ts';

/** Which of the matching pairs count, what of them becomes known, and to whom (docs/matching.md). */
export interface Outcome {
  /**
   * `many-to-one`: each row of a picks one of the rows of b that match it; `one-to-one`: so does each row of b, and a pair counts where each
   * is the other's pick.
   */
  readonly cardinality: 'many-to-many' | 'many-to-one' | 'one-to-one';
  /** The pick: the first in an order that is random and secret, or the one with the highest score. */
  readonly prefer: 'first' | 'best';
  readonly reveal: 'pairs' | 'count';
  /** Places of the parties that learn, ascending. */
  readonly to: readonly number[];
}

/** Every matching pair, to both. */
export const everyPair: Outcome = { cardinality: 'many-to-many', prefer: 'first', reveal: 'pairs', to: [0, 1] };

export function parseCardinality(value: unknown): Outcome['cardinality'] {
  demand(
    value === 'many-to-many' || value === 'many-to-one' || value === 'one-to-one',
    'cardinality is many-to-many, many-to-one or one-to-one',
  );
  return value;
}

export function parsePrefer(value: unknown): Outcome['prefer'] {
  demand(value === 'first' || value === 'best', 'prefer is first or best');
  return value;
}

export function parseReveal(value: unknown): Outcome['reveal'] {
  demand(value === 'pairs' || value === 'count', 'reveal is pairs or count');
  return value;
}

export function parseLearners(value: unknown): Outcome['to'] {
  demand(Array.isArray(value) && value.every(Number.isInteger), 'to is a list of places');
  demand(['0', '1', '0,1'].includes(value.join()), 'to is 0, 1 or both');
  return value as number[];
}
