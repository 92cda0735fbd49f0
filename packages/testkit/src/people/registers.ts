import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Field, febrl4Errors, fields, type RegisterErrors } from './febrl4.ts';
import { cell } from './files.ts';
import { editDistance, misspell } from './misspell.ts';
import {
  drawAddress,
  drawDay,
  drawFamily,
  drawGiven,
  makePopulation,
  maxPopulation,
  medicaidNumber,
  type Person,
} from './population.ts';
import { Random } from './random.ts';

export interface RegisterOptions {
  readonly seed: number | string;
  /** Rows of each register. */
  readonly size: number;
  /** Share of the rows of one register whose person is in the other: 0 to 1. */
  readonly shared?: number;
  readonly errors?: RegisterErrors;
}

/** A record: a value of each of `fields`, null where there is none. `person` is the truth. */
export interface RegisterRow {
  readonly person: number;
  readonly values: readonly (string | null)[];
}

/** People are made and written so many at a time, so that memory does not grow with their number. */
const blockSize = 64;
const chunkLength = 1 << 20;
const header = 'person,medicaid,name,dob,address\n';

/**
 * Writes first.csv, which has people as they are, and second.csv, which has errors: `person` (the truth, no part of any rule), medicaid, name
 * (given name, surname), dob (YYYY-MM-DD) and address (number, street, suburb, postcode, state). The folder exists. The seed decides every byte.
 */
export function writeRegisters(folder: string, options: RegisterOptions): { first: string; second: string } {
  const paths = { first: join(folder, 'first.csv'), second: join(folder, 'second.csv') };
  for (const which of ['first', 'second'] as const) {
    const file = openSync(paths[which], 'w');
    try {
      let chunk = header;
      for (const row of registerRows(which, options)) {
        chunk += line(row);
        if (chunk.length < chunkLength) continue;
        writeSync(file, chunk);
        chunk = '';
      }
      writeSync(file, chunk);
    } finally {
      closeSync(file);
    }
  }
  return paths;
}

function line({ person, values: [medicaid, given, surname, dob, ...address] }: RegisterRow): string {
  const joined = (parts: readonly (string | null | undefined)[]): string => cell(parts.filter(Boolean).join(' '));
  return `${person},${medicaid ?? ''},${joined([given, surname])},${dob ?? ''},${joined(address)}\n`;
}

/** The rows of a register, in an order that tells nothing of the other's; families stay within some dozens of rows. */
export function* registerRows(which: 'first' | 'second', options: RegisterOptions): Generator<RegisterRow> {
  const { seed, size, shared = 0.5, errors = febrl4Errors } = options;
  const both = Math.round(size * shared);
  const people = 2 * size - both;
  if (!(size >= 1 && both >= 0 && both <= size && people <= maxPopulation))
    throw new RangeError(
      `no register of ${size} shares ${shared} of its rows; both have ${maxPopulation} people at most`,
    );
  const blocks = Math.ceil(people / blockSize);
  const order = Uint32Array.from({ length: blocks }, (_, i) => i);
  new Random(`${seed} ${which}`).shuffle(order);
  const isFirst = which === 'first';
  // How many of the people before this one are in the first register, and how many of those in both.
  const inFirst = (person: number): number => Math.floor((person * size) / people);
  const inBoth = (person: number): number => Math.floor((inFirst(person) * both) / size);
  for (const block of order) {
    const [start, end] = [block * blockSize, Math.min((block + 1) * blockSize, people)];
    const truth = new Random(`${seed} people ${block}`);
    const persons = makePopulation(end - start, truth, start);
    const gaps = persons.map(() => gapsOf(errors, truth));
    const chosen = Uint32Array.from(persons.keys());
    truth.shuffle(chosen);
    // In both, in the first only, in the second only.
    const [one, two] = [inBoth(end) - inBoth(start), inFirst(end) - inFirst(start)];
    const rows = Uint32Array.from(chosen.filter((_, i) => (isFirst ? i < two : i < one || i >= two)));
    const random = new Random(`${seed} ${which} ${block}`);
    random.shuffle(rows);
    for (const row of rows) {
      const known = valuesOf(persons[row]!).map((value, i) =>
        (gaps[row]![i]! & (isFirst ? 1 : 2)) === 0 ? value : null,
      );
      yield { person: start + row, values: isFirst ? known : withErrors(known, errors, random) };
    }
  }
}

/** In the order of `fields`. */
function valuesOf({ medicaid, given, surname, dob, address }: Person): string[] {
  const { number, street, city, postcode, state } = address;
  return [medicaid, given, surname, dob, number, street, city, postcode, state];
}

/** Where each value is missing: 1 in the first register, 2 in the second, 3 in both, else 0. */
function gapsOf(errors: RegisterErrors, random: Random): number[] {
  return fields.map((field) => {
    const [both, first, second] = errors.fields[field].missing;
    const draw = random.word() / 2 ** 32;
    if (draw < both) return 3;
    if (draw < both + first) return 1;
    return draw < both + first + second ? 2 : 0;
  });
}

function withErrors(known: readonly (string | null)[], errors: RegisterErrors, random: Random): (string | null)[] {
  const [given, surname] = [fields.indexOf('given'), fields.indexOf('surname')];
  const swapped = known[given] !== null && known[surname] !== null && random.chance(errors.swapped);
  return known.map((value, i) => {
    if (swapped && i === given) return known[surname]!;
    if (swapped && i === surname) return known[given]!;
    return value === null ? null : altered(fields[i]!, value, errors, random);
  });
}

function altered(field: Field, value: string, errors: RegisterErrors, random: Random): string {
  const { altered: shares, kinds } = errors.fields[field];
  let draw = random.word() / 2 ** 32;
  for (const [i, share] of shares.entries()) {
    if (draw < share) {
      if (i === 3) return unlike(field, value, random);
      return (field === 'dob' ? misspellDay(value, i + 1) : misspell(value, i + 1, kinds, random)) ?? value;
    }
    draw -= share;
  }
  return value;

  function misspellDay(day: string, edits: number): string | undefined {
    const changed = misspell(day.replaceAll('-', ''), edits, kinds, random, isDay);
    return changed === undefined ? undefined : dashed(changed);
  }
}

/** Another value of the field, at more than three edits from this one where such a value is soon found. */
function unlike(field: Field, value: string, random: Random): string {
  let other = anyValue(field, random);
  for (let i = 0; i < 20 && editDistance(other, value) <= 3; i++) other = anyValue(field, random);
  return other;
}

function anyValue(field: Field, random: Random): string {
  switch (field) {
    case 'medicaid':
      // Nobody's number.
      return medicaidNumber(maxPopulation + random.below(maxPopulation));
    case 'given':
      return drawGiven(random.chance(0.5) ? 'F' : 'M', random);
    case 'surname':
      return drawFamily(random);
    case 'dob':
      return drawDay(1930 + random.below(90), random);
    case 'suburb':
      return drawAddress(random).city;
    default:
      return drawAddress(random)[field];
  }
}

function dashed(digits: string): string {
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

function isDay(digits: string): boolean {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number) as [
    number,
    number,
    number,
  ];
  return (
    year >= 1900 &&
    year < 2030 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
  );
}
