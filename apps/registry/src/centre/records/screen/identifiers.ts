import { z } from 'zod';

/**
 * What a module's identifiers look like: `9` stands for a digit, `A` for a letter, all else for itself, as in 999-99-9999. Not a regular expression: a mask
 * has one way to match.
 */
export const identifierMask = z
  .string()
  .regex(/^[A9 ./-]{4,40}$/, 'must be a mask of A (a letter), 9 (a digit), spaces, and . / -')
  .refine((mask) => /[A9].*[A9].*[A9].*[A9]/.test(mask), 'must have four letters or digits or more');

const isDigit = (text: string | undefined): boolean => text !== undefined && /^\p{Nd}$/u.test(text);
const isLetter = (text: string | undefined): boolean => text !== undefined && /^\p{L}$/u.test(text);
const isWord = (text: string | undefined): boolean => isDigit(text) || isLetter(text);

/** Says which rule a text breaks, or undefined. @param masks of the module */
export function identifierIn(text: string, masks: readonly string[]): string | undefined {
  const letters = [...text.normalize('NFKC')];
  if (hasMail(letters)) return 'mail-address';
  if (hasTelephone(letters)) return 'telephone-number';
  const place = masks.findIndex((mask) => hasMask(letters, mask));
  return place < 0 ? undefined : `identifier-${place + 1}`;
}

/** Stands for itself, neither within a longer number nor a longer word. */
function hasMask(letters: readonly string[], mask: string): boolean {
  for (let at = 0; at + mask.length <= letters.length; at++) {
    if (
      fits(letters, at, mask) &&
      !continues(letters, at - 1, at) &&
      !continues(letters, at + mask.length, at + mask.length - 1)
    ) {
      return true;
    }
  }
  return false;
}

function fits(letters: readonly string[], at: number, mask: string): boolean {
  for (let i = 0; i < mask.length; i++) {
    const [wanted, letter] = [mask[i], letters[at + i]];
    const same = wanted === '9' ? isDigit(letter) : wanted === 'A' ? isLetter(letter) : letter === wanted;
    if (!same) return false;
  }
  return true;
}

/** Whether what stands outside goes on with what stands at the edge. */
function continues(letters: readonly string[], outside: number, edge: number): boolean {
  const [out, own] = [letters[outside], letters[edge]];
  return (isDigit(out) && isDigit(own)) || (isLetter(out) && isLetter(own));
}

/** Something @ something . something. */
function hasMail(letters: readonly string[]): boolean {
  return letters.some((letter, at) => {
    if (letter !== '@' || !isWord(letters[at - 1]) || !isWord(letters[at + 1])) return false;
    for (let i = at + 1; i < letters.length && (isWord(letters[i]) || letters[i] === '-' || letters[i] === '.'); i++) {
      if (letters[i] === '.' && isWord(letters[i + 1])) return true;
    }
    return false;
  });
}

/** + and eight digits or more, with what people write between them. */
function hasTelephone(letters: readonly string[]): boolean {
  return letters.some((letter, at) => {
    if (letter !== '+') return false;
    let digits = 0;
    for (let i = at + 1; i < letters.length && (isDigit(letters[i]) || ' ()/-.'.includes(letters[i]!)); i++) {
      if (isDigit(letters[i])) digits++;
    }
    return digits >= 8;
  });
}
