import { comparable, type Identifier, identityText, type Person } from '@symbolon/consent';
import { base64url, fault, hashLabelled, utf8 } from '@symbolon/crypto';

/** A field by which a module knows people. */
export interface PersonField extends Identifier {
  /** Whether it identifies: pseudonyms are made of those that do, and every person has them. */
  readonly required: boolean;
}

/** A person as a module keeps it. */
export interface NamedPerson {
  /** By field, as it was typed. */
  readonly person: Person;
  /** The same for all spellings that mean the same: what pseudonyms are made of. */
  readonly text: string;
  /** Of {@link text}, base64url. */
  readonly hash: string;
}

/** Values of a person as they are compared, in the order of the fields; undefined where there is none. */
export type Comparable = readonly (string | undefined)[];

/** Checks a person. Throws `consent-identity`, naming the field, never its value. */
export function namedPerson(fields: readonly PersonField[], person: Person): NamedPerson {
  for (const field of Object.keys(person)) {
    if (!fields.some((known) => known.field === field)) {
      throw fault('consent-identity', `${field} is nothing by which this module knows people`, { culprit: field });
    }
  }
  const given = fields.filter(({ field, required }) => required || (person[field] ?? '').trim() !== '');
  for (const { field, as } of given) {
    if (comparable(as, person[field] ?? '') === undefined) {
      throw fault('consent-identity', `${field} is missing or is no ${as}`, { culprit: field });
    }
  }
  const text = textOf(fields, person);
  return {
    person: Object.fromEntries(given.map(({ field }) => [field, person[field]!.trim()])),
    text,
    hash: base64url(hashLabelled('symbolon identity', utf8(text))),
  };
}

/** What pseudonyms are made of. */
export function textOf(fields: readonly PersonField[], person: Person): string {
  return identityText(
    fields.filter(({ required }) => required),
    person,
  );
}

/** See {@link Comparable}. */
export function comparableOf(fields: readonly PersonField[], person: Person): Comparable {
  return fields.map(({ field, as }) => comparable(as, person[field] ?? ''));
}
