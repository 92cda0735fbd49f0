import { abbreviate, type ErrorRates, mistype, mistypeDob, mistypeNumber, restyle, usualErrors } from './errors.ts';
import { shortForms } from './given-names.ts';
import { type Address, drawAddress, drawFamily, makePopulation, type Person } from './population.ts';
import { Random } from './random.ts';

/** A record of one source. `person` is the truth and stands in no file. */
export interface PersonRow {
  person: number;
  /** Number that this source gave its record. */
  id: string;
  medicaid: string | null;
  name: string;
  address: string | null;
  dob: string;
  sex: 'F' | 'M';
  /** Insurance plan; meaningful at the insurer. */
  plan: string;
}

/** What {@link generatePeople} made. */
export interface GeneratedPeople {
  left: PersonRow[];
  right: PersonRow[];
  /** Which rows are the same person: [row of left, row of right], both from 0, in order of left. */
  pairs: [left: number, right: number][];
  /** The whole population, by person number. */
  people: Person[];
}

export interface PeopleOptions {
  seed: number | string;
  /** People to draw from; as many as needed unless told. */
  population?: number;
  left: number;
  right: number;
  /** People who are in both. */
  overlap: number;
  errorRates?: Partial<ErrorRates>;
}

const plans = ['Basic', 'Plus', 'Family', 'Senior'];

/** Two registers of synthetic people with errors as they happen, and the truth about who is who. The seed decides everything. */
export function generatePeople(options: PeopleOptions): GeneratedPeople {
  const { left, right, overlap } = options;
  const needed = left + right - overlap;
  const population = options.population ?? needed;
  if (overlap < 0 || overlap > Math.min(left, right) || population < needed) {
    throw new RangeError(
      `a population of ${population} cannot give ${left} and ${right} people with ${overlap} in common`,
    );
  }
  const random = new Random(options.seed);
  const rates = { ...usualErrors, ...options.errorRates };
  const people = makePopulation(population, random);
  const chosen = chooseHouseholds(people, needed, random);
  const [leftPeople, rightPeople] = distribute(chosen, left - overlap, right - overlap, overlap, random);
  random.shuffle(leftPeople);
  random.shuffle(rightPeople);
  const changed = changesOfLife(chosen, people, rates, random);
  const leftRows = register(leftPeople, people, 'M', changed.left, rates, random);
  const rightRows = register(rightPeople, people, 'P', changed.right, rates, random);
  return { left: leftRows, right: rightRows, pairs: truth(leftPeople, rightPeople, population), people };
}

/** Person numbers, household by household in random order, so that families stay together. */
function chooseHouseholds(people: readonly Person[], needed: number, random: Random): Uint32Array {
  const starts: number[] = [];
  for (let i = 0; i < people.length; i++)
    if (i === 0 || people[i]!.household !== people[i - 1]!.household) starts.push(i);
  const order = Uint32Array.from(starts);
  random.shuffle(order);
  const chosen = new Uint32Array(needed);
  let filled = 0;
  for (const start of order) {
    for (
      let i = start;
      i < people.length && people[i]!.household === people[start]!.household && filled < needed;
      i++
    ) {
      chosen[filled++] = i;
    }
    if (filled === needed) break;
  }
  return chosen;
}

/** Sends everyone to left, right or both, in exact numbers (selection sampling, Knuth 3.4.2 S). */
function distribute(
  chosen: Uint32Array,
  onlyLeft: number,
  onlyRight: number,
  both: number,
  random: Random,
): [Uint32Array, Uint32Array] {
  const [left, right] = [new Uint32Array(onlyLeft + both), new Uint32Array(onlyRight + both)];
  let [l, r] = [0, 0];
  let [restLeft, restBoth] = [onlyLeft, both];
  for (let i = 0; i < chosen.length; i++) {
    const draw = random.below(chosen.length - i);
    const inBoth = draw < restBoth;
    const inLeft = inBoth || draw < restBoth + restLeft;
    if (inLeft) left[l++] = chosen[i]!;
    if (inBoth || !inLeft) right[r++] = chosen[i]!;
    if (inBoth) restBoth--;
    else if (inLeft) restLeft--;
  }
  return [left, right];
}

interface Change {
  address?: Address;
  surname?: string;
}

/** Moves and married names, each known to one source only: the other keeps what was. */
function changesOfLife(
  chosen: Uint32Array,
  people: readonly Person[],
  rates: ErrorRates,
  random: Random,
): { left: Map<number, Change>; right: Map<number, Change> } {
  const changes = { left: new Map<number, Change>(), right: new Map<number, Change>() };
  for (const number of chosen) {
    const person = people[number]!;
    const moved = random.chance(rates.moved);
    const year = Number(person.dob.slice(0, 4));
    const married = person.sex === 'F' && year >= 1964 && year <= 2004 && random.chance(rates.married);
    if (!moved && !married) continue;
    const change: Change = {};
    if (moved) change.address = drawAddress(random);
    if (married) change.surname = random.chance(0.4) ? `${drawFamily(random)}-${person.surname}` : drawFamily(random);
    (random.chance(0.5) ? changes.left : changes.right).set(number, change);
  }
  return changes;
}

function register(
  numbers: Uint32Array,
  people: readonly Person[],
  prefix: string,
  changes: ReadonlyMap<number, Change>,
  rates: ErrorRates,
  random: Random,
): PersonRow[] {
  const width = Math.max(5, String(numbers.length).length);
  return Array.from(numbers, (number, i): PersonRow => {
    const person = people[number]!;
    const { address = person.address, surname = person.surname } = changes.get(number) ?? {};
    return {
      person: number,
      id: prefix + String(i + 1).padStart(width, '0'),
      medicaid: writtenId(person.medicaid, rates, random),
      name: writtenName(person.given, surname, rates, random),
      address: writtenAddress(address, rates, random),
      dob: random.chance(rates.wrongDob) ? mistypeDob(person.dob, random) : person.dob,
      sex: person.sex,
      plan: random.pick(plans),
    };
  });
}

function writtenId(medicaid: string, rates: ErrorRates, random: Random): string | null {
  if (random.chance(rates.missingId)) return null;
  return random.chance(rates.wrongId) ? mistypeNumber(medicaid, random) : medicaid;
}

function writtenName(given: string, surname: string, rates: ErrorRates, random: Random): string {
  const first = random.chance(rates.nickname) ? (shortForms[given] ?? given) : given;
  let name = random.chance(rates.swapped) ? `${surname} ${first}` : `${first} ${surname}`;
  if (random.chance(rates.typo)) name = mistype(name, random);
  return random.chance(rates.style) ? restyle(name, random) : name;
}

function writtenAddress(address: Address, rates: ErrorRates, random: Random): string | null {
  if (random.chance(rates.missingAddress)) return null;
  const { street, number, unit, postcode, city, american } = address;
  let text = american ? `${number} ${street}${unit}, ${city} ${postcode}` : `${street} ${number}, ${postcode} ${city}`;
  if (random.chance(rates.abbreviation)) text = abbreviate(text);
  if (random.chance(rates.typo / 2)) text = mistype(text, random);
  return random.chance(rates.style) ? restyle(text, random) : text;
}

function truth(left: Uint32Array, right: Uint32Array, population: number): [number, number][] {
  const rowInRight = new Int32Array(population).fill(-1);
  for (let row = 0; row < right.length; row++) rowInRight[right[row]!] = row;
  const pairs: [number, number][] = [];
  for (let row = 0; row < left.length; row++) {
    const match = rowInRight[left[row]!]!;
    if (match >= 0) pairs.push([row, match]);
  }
  return pairs;
}
