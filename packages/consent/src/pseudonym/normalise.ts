import { fault } from '@symbolon/crypto';

/** How an identifier is made comparable before it is hashed. */
export type Normalisation = 'name' | 'place' | 'date' | 'code';

/** An identifier that a module's pseudonyms are made of. */
export interface Identifier {
  readonly field: string;
  readonly as: Normalisation;
}

/**
 * One text from the identifiers of a person, the same for all spellings that mean the same. Fields stand in the module's order, each with its
 * length, so that no two people share a text. Throws `consent-identity`, naming the field, never its value.
 * Runs at: the module.
 */
export function identityText(identifiers: readonly Identifier[], person: Readonly<Record<string, string>>): string {
  return identifiers
    .map(({ field, as }) => {
      const value = comparable(as, person[field] ?? '');
      if (value === undefined) throw fault('consent-identity', `${field} is missing or is no ${as}`);
      return `${field}=${[...value].length}:${value}`;
    })
    .join('\n');
}

/** A value as it is compared; undefined where there is none, or it is no such thing. */
export function comparable(as: Normalisation, text: string): string | undefined {
  return normalise[as](text) || undefined;
}

/** Each gives the same for what people write differently; undefined for what is none. */
const normalise: Readonly<Record<Normalisation, (text: string) => string | undefined>> = {
  name: letters,
  place: letters,
  date: (text) => {
    const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim()) ?? [];
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    return year !== undefined && date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1
      ? `${year}-${month}-${day}`
      : undefined;
  },
  code: (text) =>
    text
      .normalize('NFKC')
      .toUpperCase()
      .replace(/[^\p{L}\p{N}]/gu, ''),
};

// What Unicode does not take apart, as passports write it (ICAO Doc 9303-3 §6).
const written: Readonly<Record<string, string>> = {
  Æ: 'AE',
  Ø: 'OE',
  Œ: 'OE',
  Þ: 'TH',
  Đ: 'D',
  Ð: 'D',
  Ł: 'L',
  ẞ: 'SS',
  ß: 'SS',
  ı: 'I',
};

/** Letters without accents, in capitals: `Müller-Lüdenscheid ` and `MULLER LUDENSCHEID` are one. */
function letters(text: string): string {
  return [...text.normalize('NFKC').toUpperCase().normalize('NFD')]
    .map((letter) => written[letter] ?? letter)
    .join('')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
