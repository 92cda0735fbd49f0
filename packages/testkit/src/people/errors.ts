import { abbreviations } from './places.ts';
import type { Random } from './random.ts';

/** Probabilities, per record of one source unless said otherwise. */
export interface ErrorRates {
  /** No medicaid number. */
  missingId: number;
  /** A typing error in the medicaid number. */
  wrongId: number;
  /** A typing error in the name; half of the time in the address. */
  typo: number;
  /** The short form of a given name, where there is one. */
  nickname: number;
  /** Other capitals, or accents left out. */
  style: number;
  /** 'Street' → 'St' and the like, where the address has such a word. */
  abbreviation: number;
  /** Surname before given name. */
  swapped: number;
  /** Day and month exchanged, or one digit of the date of birth wrong. */
  wrongDob: number;
  /** No address. */
  missingAddress: number;
  /** Per person of both sources: moved, and one source has the old address. */
  moved: number;
  /** Per woman of both sources, of 20 to 60 years: married name in one source. */
  married: number;
}

/** Rates of a well-kept register and of a busy front desk, somewhere in between. */
export const usualErrors: ErrorRates = {
  missingId: 0.05,
  wrongId: 0.01,
  typo: 0.06,
  nickname: 0.02,
  style: 0.1,
  abbreviation: 0.1,
  swapped: 0.005,
  wrongDob: 0.01,
  missingAddress: 0.005,
  moved: 0.05,
  married: 0.02,
};

const letters = 'abcdefghijklmnopqrstuvwxyz';
// What optical recognition takes for each other, and what sounds alike (Dutch and English).
const ocr: readonly (readonly [string, string])[] = [
  ['l', '1'],
  ['o', '0'],
  ['s', '5'],
  ['b', '6'],
  ['rn', 'm'],
  ['m', 'rn'],
  ['cl', 'd'],
  ['e', 'c'],
  ['g', '9'],
  ['vv', 'w'],
  ['i', 'l'],
];
const sounds: readonly (readonly [string, string])[] = [
  ['ij', 'y'],
  ['ei', 'ij'],
  ['ou', 'au'],
  ['ph', 'f'],
  ['c', 'k'],
  ['ks', 'x'],
  ['z', 's'],
  ['th', 't'],
  ['ee', 'ea'],
  ['dt', 't'],
  ['v', 'f'],
  ['ck', 'k'],
  ['y', 'ie'],
  ['ll', 'l'],
  ['nn', 'n'],
  ['ss', 's'],
  ['g', 'ch'],
];

/** One typing error: substitution, insertion, deletion, transposition, misread or misheard. Never returns its input. */
export function mistype(text: string, random: Random): string {
  for (let tries = 0; tries < 20; tries++) {
    const changed = oneError(text, random);
    if (changed !== text && changed.trim() !== '') return changed;
  }
  return `${text}${random.pick([...letters])}`;
}

function oneError(text: string, random: Random): string {
  const at = random.below(text.length);
  const [before, after] = [text.slice(0, at), text.slice(at + 1)];
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return before + like(text[at]!, random) + after;
    case 3:
      return before + like(text[at]!, random) + text.slice(at);
    case 4:
    case 5:
      return before + after;
    case 6:
      return before + after.slice(0, 1) + text[at]! + after.slice(1);
    case 7:
      return replaced(text, random.pick(ocr), at);
    default:
      return replaced(text, random.pick(sounds), at);
  }
}

/** Another character of the same kind: a digit for a digit, a letter for a letter. */
export function like(char: string, random: Random): string {
  if (char >= '0' && char <= '9') return String(random.below(10));
  const other = letters[random.below(letters.length)]!;
  return char !== char.toLowerCase() ? other.toUpperCase() : other;
}

function replaced(text: string, [from, to]: readonly [string, string], at: number): string {
  const found = text.indexOf(from, at);
  const start = found < 0 ? text.indexOf(from) : found;
  return start < 0 ? text : text.slice(0, start) + to + text.slice(start + from.length);
}

/** One digit of a number replaced; its check digit no longer fits. */
export function mistypeNumber(digits: string, random: Random): string {
  const at = random.below(digits.length);
  return digits.slice(0, at) + ((Number(digits[at]) + 1 + random.below(9)) % 10) + digits.slice(at + 1);
}

/** The same words in another style: capitals, small letters, no accents, no hyphens. */
export function restyle(text: string, random: Random): string {
  switch (random.below(4)) {
    case 0:
      return text.toUpperCase();
    case 1:
      return text.toLowerCase();
    case 2:
      return text.normalize('NFD').replaceAll(/\p{M}/gu, '');
    default:
      return text.replaceAll('-', ' ').replaceAll("'", '');
  }
}

/** With usual abbreviations. */
export function abbreviate(text: string): string {
  let short = text;
  for (const [long, abbreviation] of abbreviations) short = short.replace(long, abbreviation);
  return short;
}

/** Day and month exchanged where that is a date, else the last digit of the day changed. */
export function mistypeDob(dob: string, random: Random): string {
  const [year, month, day] = dob.split('-') as [string, string, string];
  if (Number(day) <= 12 && day !== month && random.chance(0.5)) return `${year}-${day}-${month}`;
  const other = 1 + ((Number(day) + random.below(26)) % 28);
  return `${year}-${month}-${String(other).padStart(2, '0')}`;
}
