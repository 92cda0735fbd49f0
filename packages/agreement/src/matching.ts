import { z } from 'zod';
import { type Frozen, visibleText } from './fields.ts';
import { distinct, type Must } from './rules.ts';

/** Normalisation steps of a text column, in the only order in which they may stand; `linkage` says what each does. */
export const normalisations = ['nfkd', 'lower', 'alphanumeric', 'squash'] as const;

/** What match rules need to know of a text column. */
export const textFields = {
  /** Characters after normalisation. */
  maxLength: z.int().min(1).max(1024),
  normalise: z.array(z.enum(normalisations)),
  /** The characters that may remain after normalisation; any, if absent. */
  alphabet: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^\p{C}]*$/u, 'must not hold control or invisible characters'),
};

/** A SQL condition over a and b. */
export const condition = visibleText(4096);

/** Which pairs are compared (PROTOCOLS §4). */
export const blocking = z.strictObject({
  /** Equalities joined by AND: a pair is compared if one of these keys is equal, and few enough rows have its value. */
  keys: z.array(condition).min(1).max(16),
  /** Rows of a table that are compared under one value of a key; the rest, chosen at random, are cut. */
  cap: z.int().min(1).max(16),
});

/** What is picked of several: the first in a secret random order, or the best, by the weighted sum that the rule is. */
export const prefer = z.enum(['first', 'best']);

type TextFields = Frozen<{ [Field in keyof typeof textFields]?: z.output<(typeof textFields)[Field]> | undefined }>;

export function checkText(must: Must, at: string, { normalise = [], alphabet = '' }: TextFields): void {
  const steps = normalise.map((step) => normalisations.indexOf(step));
  const ascending = steps.every((step, i) => i === 0 || steps[i - 1]! < step);
  must(ascending, `${at}.normalise`, `steps must be in the order ${normalisations.join(', ')}, each once`);
  must(distinct([...alphabet]), `${at}.alphabet`, 'holds a character twice');
}

export function checkBlocking(must: Must, at: string, { keys }: Frozen<z.output<typeof blocking>>): void {
  must(distinct(keys), `${at}.keys`, 'names a key twice');
}

/**
 * The columns of a and b that a condition names, as far as that shows without parsing it: names in quotes do not. `linkage` parses it.
 */
export function columnsNamed(sql: string): { readonly side: 'a' | 'b'; readonly column: string }[] {
  const withoutTexts = sql.replace(/'(?:[^']|'')*'/g, "''");
  return [...withoutTexts.matchAll(/(?<![\w".])([ab])\.([a-z_][a-z0-9_]*)/g)].map(([, side, column]) => ({
    side: side as 'a' | 'b',
    column: column!,
  }));
}
