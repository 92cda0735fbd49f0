import type { EditKinds } from './misspell.ts';

/** What a register knows of a person, in the order of a record. */
export const fields = [
  'medicaid',
  'given',
  'surname',
  'dob',
  'number',
  'street',
  'suburb',
  'postcode',
  'state',
] as const;
export type Field = (typeof fields)[number];

/** Errors of one field: shares of the people of both registers. */
export interface FieldErrors {
  /** No value in either register; in the first only; in the second only. */
  readonly missing: readonly [both: number, first: number, second: number];
  /** Of the values that stand in both and are not exchanged: those at one, two, three edits from each other, and those that are unlike. */
  readonly altered: readonly [one: number, two: number, three: number, unlike: number];
  readonly kinds: EditKinds;
}

/** How a second register writes people whom a first one has. */
export interface RegisterErrors {
  /** Given name and surname exchanged, of the people of whom both registers have both. */
  readonly swapped: number;
  readonly fields: Readonly<Record<Field, FieldErrors>>;
}

// field | missing: in both, first, second | distance: 0, 1, 2, 3, more | those at 1: substituted, inserted, deleted, transposed
const counts = `
  medicaid  |   0   0   0 | 4561  243    3    2  191 | 105   0   0 138
  given     | 102  10 132 | 3287  672   46   21  519 | 190 166 192 124
  surname   |  43   5  59 | 3325  874   71   10  402 | 247 278 166 183
  dob       |  87   7 112 | 4469  109    9   16  191 |  56   0   0  53
  number    | 132  26 155 | 4093  214  293   84    3 |  82  22  44  66
  street    |  97   1 123 | 2990 1307  135    4  343 | 307 393 393 214
  suburb    |  45  10  61 | 3729  843   54    5  253 | 321 161 149 212
  postcode  |   0   0   0 | 4219  714   25   18   24 | 259   0   0 455
  state     |  47   3  60 | 4707  111    7   65    0 |  59   0   0  52
`;

/**
 * The errors of FEBRL4, counted on its 5,000 true pairs (`rec-N-org`, `rec-N-dup-0`; Christen, IDEAL 2005, describes its generator):
 * values missing in both files, in the first, in the second; pairs of values at optimal string alignment distance 0, 1, 2, 3, more; those at 1 by
 * the kind of the edit. Pairs whose given name and surname are exchanged count as that and not as altered. Its
 * `soc_sec_id` is our medicaid number, `address_1` our street; its `address_2` (a farm, a building) has no counterpart,
 * and where it is exchanged with `address_1` (114 pairs), the street is unlike.
 *
 * Departure: fields err independently of each other here. A record of FEBRL4's second file has one altered field at least, and seven at most.
 */
export const febrl4Errors: RegisterErrors = {
  swapped: 211 / 4651,
  fields: Object.fromEntries(
    counts
      .trim()
      .split('\n')
      .map((line) => line.split('|').map((part) => part.trim()))
      .map(([field, ...parts]) => [field, errorsOf(parts.map((part) => part.split(/ +/).map(Number)))]),
  ) as Record<Field, FieldErrors>,
};

function errorsOf([missing, distances, edits]: readonly (readonly number[])[]): FieldErrors {
  const people = 5000;
  const [both, first, second] = missing!.map((count) => count / people) as [number, number, number];
  const compared = distances!.reduce((sum, count) => sum + count);
  const [, one, two, three, unlike] = distances!.map((count) => count / compared) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [substitution, insertion, deletion, transposition] = edits as [number, number, number, number];
  return {
    missing: [both, first, second],
    altered: [one, two, three, unlike],
    kinds: { substitution, insertion, deletion, transposition },
  };
}
