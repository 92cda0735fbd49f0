import { createHash } from 'node:crypto';
import type { Comparable, PersonField } from '../identities/person.ts';
import { soundOf } from './sound.ts';

/**
 * Hashes of which people who are alike share one at least: two may differ by
 * - anything in their names, where the date is the same or day and month are exchanged;
 * - one part of the date (day, month or year), where one name sounds alike;
 * - the whole date, where two names sound alike, in whatever order;
 * - everything else, where a code is the same.
 *
 * @param scope the physician whose patients are found; everybody's without it @returns safe integers
 */
export function searchKeys(fields: readonly PersonField[], person: Comparable, scope?: string): number[] {
  const values = fields.flatMap(({ as }, i) => (person[i] === undefined ? [] : [{ as, value: person[i] }]));
  const of = (...kinds: string[]) => values.filter(({ as }) => kinds.includes(as)).map(({ value }) => value);
  const [names, places, dates] = [of('name').map(soundOf), of('place').map(soundOf), of('date')];
  const sounds = names.length > 1 ? names : [...names, ...places];
  const keys = [
    ...of('code').map((code) => `code ${code}`),
    ...dates.map((date) => `date ${day(date)}`),
    ...sounds.flatMap((sound) => dates.flatMap(parts).map((part) => `part ${sound} ${part}`)),
    ...pairs(sounds).map((pair) => `names ${pair}`),
  ];
  const prefix = scope === undefined ? 'all' : `of ${scope}`;
  return [...new Set(keys)].map((key) => hashOf(`${prefix}\n${key}`));
}

/** A date without the order of day and month. */
function day(date: string): string {
  const [year, ...rest] = date.split('-');
  return [year, ...rest.sort()].join('-');
}

/** A date with a part left out. */
function parts(date: string): string[] {
  const [year, month, dayOfMonth] = date.split('-');
  return [`${year}-${month}-`, `${year}--${dayOfMonth}`, `-${month}-${dayOfMonth}`];
}

function pairs(sounds: readonly string[]): string[] {
  return sounds.flatMap((one, i) => sounds.slice(i + 1).map((other) => [one, other].sort().join(' ')));
}

// 48 bits: people who share a hash and nothing else are compared, and found to be unlike.
function hashOf(key: string): number {
  return createHash('sha256').update(key).digest().readUIntBE(0, 6);
}
