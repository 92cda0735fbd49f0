import type { Normalisation } from '@symbolon/consent';
import type { Comparable, PersonField } from '../identities/person.ts';
import { editDistance } from './distance.ts';
import { soundOf } from './sound.ts';

/** How two values of a field compare. */
export type Reason =
  | 'same'
  | 'typing-error'
  | 'sounds-alike'
  | 'part'
  | 'exchanged'
  | 'day-and-month'
  | 'one-digit'
  | 'different'
  | 'missing';

/** How alike two people are: `score` from 0 to 1000, and why, by field. */
export interface Likeness {
  readonly score: number;
  readonly reasons: Readonly<Record<string, Reason>>;
}

// What a field says of who somebody is, and what is left of that where it is not the same: two people share a birthday more seldom than a name.
const weights: Readonly<Record<Normalisation, number>> = { name: 3, place: 1, date: 4, code: 5 };
const credit: Readonly<Record<Reason, number>> = {
  same: 1,
  'typing-error': 0.95,
  exchanged: 0.9,
  'day-and-month': 0.9,
  'one-digit': 0.9,
  'sounds-alike': 0.85,
  part: 0.85,
  different: 0,
  missing: 0,
};

/** Compares two people; fields that one of them lacks say nothing. */
export function likeness(fields: readonly PersonField[], a: Comparable, b: Comparable): Likeness {
  const reasons = fields.map(({ as }, i) => compare(as, a[i], b[i]));
  for (const [i, j] of exchangedNames(fields, a, b, reasons)) reasons[i] = reasons[j] = 'exchanged';
  let [got, all] = [0, 0];
  for (const [i, reason] of reasons.entries()) {
    if (reason === 'missing') continue;
    const weight = weights[fields[i]!.as];
    got += weight * credit[reason];
    all += weight;
  }
  const score = all === 0 ? 0 : Math.round((1000 * got) / all);
  return { score, reasons: Object.fromEntries(fields.map(({ field }, i) => [field, reasons[i]!])) };
}

function compare(as: Normalisation, a: string | undefined, b: string | undefined): Reason {
  if (a === undefined || b === undefined) return 'missing';
  if (a === b) return 'same';
  if (as === 'date') return compareDates(a, b);
  if (as === 'code') return editDistance(a, b, 1) === 1 ? 'typing-error' : 'different';
  const most = Math.min(a.length, b.length) > 5 ? 2 : 1;
  if (editDistance(a, b, most) <= most) return 'typing-error';
  if (soundOf(a) === soundOf(b) && Math.abs(a.length - b.length) <= 3) return 'sounds-alike';
  return isPart(a, b) || isPart(b, a) ? 'part' : 'different';
}

/** Dates are YYYY-MM-DD. */
function compareDates(a: string, b: string): Reason {
  if (a.slice(0, 4) === b.slice(0, 4) && a.slice(5, 7) === b.slice(8) && a.slice(8) === b.slice(5, 7))
    return 'day-and-month';
  // Both have one length: one edit is a digit that is wrong, or two that are exchanged.
  return editDistance(a, b, 1) === 1 ? 'one-digit' : 'different';
}

/** Whether all words of a name stand in the other: `ANNA` in `ANNA MARIA`. */
function isPart(a: string, b: string): boolean {
  const words = b.split(' ');
  return words.length > 1 && a.split(' ').every((word) => words.includes(word));
}

function* exchangedNames(fields: readonly PersonField[], a: Comparable, b: Comparable, reasons: readonly Reason[]) {
  const names = [...fields.keys()].filter((i) => fields[i]!.as === 'name' && reasons[i] === 'different');
  for (const i of names) {
    for (const j of names) if (i < j && alike(a[i], b[j]) && alike(a[j], b[i])) yield [i, j] as const;
  }
}

const alike = (a: string | undefined, b: string | undefined): boolean =>
  ['same', 'typing-error'].includes(compare('name', a, b));
