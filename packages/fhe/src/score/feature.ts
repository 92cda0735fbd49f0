import type { Row } from '../table/encode.ts';
import type { Feature } from './model.ts';

/** A feature that is a column of a table. */
export interface FeatureColumn extends Feature {
  /** How many of the whole numbers that rows hold make one. */
  readonly unit: number;
}

/** The features of a row, as it is read to be encrypted: numbers, booleans as 0 and 1, and NaN where there is no value. */
export function featuresOfRow(columns: readonly FeatureColumn[], row: Row): number[] {
  return columns.map(({ unit }, i) => {
    const value = row[i] ?? null;
    if (value === null) return Number.NaN;
    return typeof value === 'string' ? Number(value === 'true') : value / unit;
  });
}
