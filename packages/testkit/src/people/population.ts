import { men, women } from './given-names.ts';
import { americanCities, dutchCities, dutchStreets, streetKinds, streetNames } from './places.ts';
import { type Random, Skewed } from './random.ts';
import { surnames } from './surnames.ts';

/** Where someone lives. */
export interface Address {
  street: string;
  /** House number; in the Netherlands with its addition. */
  number: string;
  /** ' Apt 9', or nothing. */
  unit: string;
  postcode: string;
  city: string;
  /** State or province. */
  state: string;
  /** Number before street, as in the United States. */
  american: boolean;
}

/** One synthetic person, as things truly are. */
export interface Person {
  /** Number in the population: the ground truth. */
  person: number;
  household: number;
  given: string;
  surname: string;
  sex: 'F' | 'M';
  /** YYYY-MM-DD */
  dob: string;
  address: Address;
  /** Number of a public insurance: nine digits and a check digit (Luhn), text because it may begin with zeros. */
  medicaid: string;
  /** Person number of the twin. */
  twin?: number;
}

const drawWoman = new Skewed(women);
const drawMan = new Skewed(men);
const drawSurname = new Skewed(surnames);
const drawDutchStreet = new Skewed(dutchStreets);
const drawAmericanStreet = new Skewed(streetNames);
const thisYear = 2024;
const twinChance = 0.03;
export const maxPopulation = 5_000_000;
const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * A population of households: singles, couples with and without children, lone parents.
 *
 * @param first number of the first person
 */
export function makePopulation(size: number, random: Random, first = 0): Person[] {
  if (!Number.isInteger(size) || size < 1 || size > maxPopulation) {
    throw new RangeError(`a population has 1 to ${maxPopulation} people`);
  }
  const people: Person[] = [];
  for (let household = 0; people.length < size; household++) addHousehold(people, household, first, random);
  people.length = size;
  const last = people[size - 1]!;
  if (last.twin !== undefined && last.twin >= first + size) delete last.twin;
  return people;
}

function addHousehold(people: Person[], household: number, firstPerson: number, random: Random): void {
  const surname = drawSurname.draw(random);
  const address = drawAddress(random);
  const age = 19 + random.below(45) + random.below(32);
  const kind = random.below(100);
  const add = (surnameOf: string, years: number, sex: 'F' | 'M'): Person => {
    const person = firstPerson + people.length;
    const given = drawGiven(sex, random);
    const dob = drawDay(thisYear - years, random);
    const added = { person, household, given, surname: surnameOf, sex, dob, address, medicaid: medicaidNumber(person) };
    people.push(added);
    return added;
  };
  const first = random.chance(0.5) ? 'F' : 'M';
  add(surname, age, first);
  const couple = kind >= 36;
  if (couple) {
    const other = random.chance(0.95) === (first === 'F') ? 'M' : 'F';
    add(random.chance(0.65) ? surname : drawSurname.draw(random), Math.max(18, age - 4 + random.below(9)), other);
  }
  const children = (kind >= 64 || (kind >= 29 && kind < 36)) && age < 66 ? 1 + random.below(3) : 0;
  for (let i = 0; i < children; i++) {
    const child = add(surname, random.below(Math.min(Math.max(age - 17, 1), 24)), drawSex(random));
    if (random.chance(twinChance))
      addTwin(child, add(surname, 0, random.chance(0.7) ? child.sex : drawSex(random)), random);
  }
}

/** Same surname, address and day of birth, and often a name that looks alike: the hardest pair to keep apart. */
function addTwin(child: Person, twin: Person, random: Random): void {
  twin.dob = child.dob;
  if (random.chance(0.5)) {
    for (let tries = 0; tries < 60 && !alike(child.given, twin.given); tries++)
      twin.given = drawGiven(twin.sex, random);
  }
  while (twin.given === child.given) twin.given = drawGiven(twin.sex, random);
  child.twin = twin.person;
  twin.twin = child.person;
}

function alike(a: string, b: string): boolean {
  return a !== b && (a.slice(0, 2) === b.slice(0, 2) || a.slice(-3) === b.slice(-3));
}

function drawSex(random: Random): 'F' | 'M' {
  return random.chance(0.5) ? 'F' : 'M';
}

/** A given name as popular as names are. */
export function drawGiven(sex: 'F' | 'M', random: Random): string {
  return (sex === 'F' ? drawWoman : drawMan).draw(random);
}

/** A surname as popular as names are. */
export function drawFamily(random: Random): string {
  return drawSurname.draw(random);
}

/** An address anywhere. */
export function drawAddress(random: Random): Address {
  const american = random.chance(0.5);
  const number = 1 + random.below(random.chance(0.6) ? 99 : 1500);
  if (american) {
    const [city, zip, state] = random.pick(americanCities);
    const street = `${drawAmericanStreet.draw(random)} ${random.pick(streetKinds)}`;
    const unit = random.chance(0.15) ? ` Apt ${1 + random.below(40)}` : '';
    return {
      street,
      number: String(number),
      unit,
      postcode: String(zip + random.below(30)).padStart(5, '0'),
      city,
      state,
      american,
    };
  }
  const [city, area, state] = random.pick(dutchCities);
  const letters = 'ABCDEGHJKLMNPRSTVWXZ';
  const postcode = `${area + random.below(80)} ${letters[random.below(20)]}${letters[random.below(20)]}`;
  const addition = random.chance(0.12) ? random.pick(['a', 'b', '-2', ' hs', ' bis']) : '';
  return {
    street: drawDutchStreet.draw(random),
    number: `${number}${addition}`,
    unit: '',
    postcode,
    city,
    state,
    american,
  };
}

export function drawDay(year: number, random: Random): string {
  const month = random.below(12);
  const day = 1 + random.below(daysOfMonth[month]!);
  return `${year}-${two(month + 1)}-${two(day)}`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** Distinct for distinct people: the map i → 618,033,989 i + 12,345,679 modulo 10^9 is one-to-one, as its factor ends in 9. */
export function medicaidNumber(person: number): string {
  const digits = String((person * 618_033_989 + 12_345_679) % 1_000_000_000).padStart(9, '0');
  return digits + checkDigit(digits);
}

/** Luhn's check digit (ISO/IEC 7812-1 Annex B). */
export function checkDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const weighted = i % 2 === 0 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return String((10 - (sum % 10)) % 10);
}
