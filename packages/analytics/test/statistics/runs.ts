import fc from 'fast-check';

/** Runs of a property: few by default, many with SLOW=1. */
export const runs = (quick: number) => ({ numRuns: process.env.SLOW === '1' ? quick * 50 : quick });

/** Whether a is b but for rounding. */
export const close = (a: number, b: number, tolerance = 1e-9): boolean =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));

/** Numbers with a spread, of moderate size. */
export const numbers = (minLength: number) =>
  fc
    .array(
      fc.integer({ min: -4000, max: 4000 }).map((value) => value / 8),
      { minLength, maxLength: 40 },
    )
    .filter((values) => new Set(values).size > 1);
