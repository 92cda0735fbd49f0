import { SymbolonError } from '@symbolon/crypto';
import { atScale, type Decimal, daysOf, type Interval, parseDecimal } from '@symbolon/sql';
import { type NormaliseStep, normaliseSteps } from './normalise.ts';
import type { Type } from './rule/value.ts';

/** A column as the agreement describes it. */
export interface Column {
  readonly type: 'text' | 'number' | 'date' | 'boolean';
  /** Text: most characters (code points) of a normalised value. Needed for measures (`agree` …). */
  readonly maxLength?: number;
  /** Number: a decimal; date: YYYY-MM-DD. */
  readonly min?: string;
  readonly max?: string;
  /** Number: digits behind the decimal point; 0 by default. */
  readonly scale?: number;
  readonly normalise?: readonly NormaliseStep[];
  /** Text: the characters that can agree, at most 94. */
  readonly alphabet?: string;
}

export type Columns = Readonly<Record<string, Column>>;

/** Letters a–z, digits and space; with A–Z where the column is not normalised to lower case. */
export function defaultAlphabet(column: Column): string {
  const lower = 'abcdefghijklmnopqrstuvwxyz';
  const upper = column.normalise?.includes('lower') ? '' : lower.toUpperCase();
  return ` 0123456789${upper}${lower}`;
}

/** Days of the dates that a date column may hold when the agreement says nothing: 1850-01-01 to 2100-12-31. */
export const defaultDates: Interval = [daysOf('1850-01-01')!, daysOf('2100-12-31')!];

/** The type that a column gives to expressions; `agreement-invalid` where its description contradicts itself. */
export function typeOfColumn(name: string, column: Column): Type {
  const demand = (condition: boolean, what: string): void => {
    if (!condition) throw new SymbolonError('agreement-invalid', `column '${name}': ${what}`, { culprit: name });
  };
  switch (column.type) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'text': {
      const { maxLength, alphabet = defaultAlphabet(column) } = column;
      const symbols = [...alphabet];
      demand(maxLength === undefined || isWithin(maxLength, 1, 1000), 'maxLength is 1 to 1000');
      demand(symbols.length >= 1 && symbols.length <= 94, 'an alphabet has 1 to 94 characters');
      demand(new Set(symbols).size === symbols.length, 'its alphabet names a character twice');
      demand(
        (column.normalise ?? []).every((step) => normaliseSteps.includes(step)),
        `normalise knows ${normaliseSteps.join(', ')}`,
      );
      return { kind: 'text', maxLength, alphabet };
    }
    case 'date': {
      const [min, max] = [column.min, column.max].map((bound) => (bound === undefined ? undefined : daysOf(bound)));
      demand(column.min === undefined || min !== undefined, 'min is no date YYYY-MM-DD');
      demand(column.max === undefined || max !== undefined, 'max is no date YYYY-MM-DD');
      const range: Interval = [min ?? defaultDates[0], max ?? defaultDates[1]];
      demand(range[0] <= range[1], 'min is above max');
      return { kind: 'date', range };
    }
    case 'number': {
      const { scale = 0 } = column;
      demand(isWithin(scale, 0, 9), 'scale is 0 to 9');
      const bounds = [column.min, column.max].map((bound) => (bound === undefined ? undefined : parseDecimal(bound)));
      const fits = (bound: Decimal | undefined): boolean => bound !== undefined && bound.scale <= scale;
      demand(
        column.min === undefined || fits(bounds[0]),
        `min is no decimal with at most ${scale} digits behind the point`,
      );
      demand(
        column.max === undefined || fits(bounds[1]),
        `max is no decimal with at most ${scale} digits behind the point`,
      );
      const [min, max] = bounds;
      if (min === undefined || max === undefined) return { kind: 'number', scale };
      const range: Interval = [atScale(min, scale), atScale(max, scale)];
      demand(range[0] <= range[1], 'min is above max');
      demand(range[0] > -(10n ** 18n) && range[1] < 10n ** 18n, 'a number has at most 18 digits');
      return { kind: 'number', scale, range };
    }
  }
}

function isWithin(value: number, lo: number, hi: number): boolean {
  return Number.isInteger(value) && value >= lo && value <= hi;
}
