/** Steps of text normalisation, in the order in which they are applied. */
export const normaliseSteps = ['nfkd', 'lower', 'alphanumeric', 'squash'] as const;

export type NormaliseStep = (typeof normaliseSteps)[number];

// Letters with strokes and ligatures, which Unicode does not decompose.
const plain: Readonly<Record<string, string>> = {
  Æ: 'AE',
  æ: 'ae',
  Œ: 'OE',
  œ: 'oe',
  Ø: 'O',
  ø: 'o',
  Đ: 'D',
  đ: 'd',
  Ð: 'D',
  ð: 'd',
  Ł: 'L',
  ł: 'l',
  Þ: 'TH',
  þ: 'th',
  Ħ: 'H',
  ħ: 'h',
  Ŧ: 'T',
  ŧ: 't',
  ı: 'i',
};
const strokes = new RegExp(`[${Object.keys(plain).join('')}]`, 'gu');

const steps: Readonly<Record<NormaliseStep, (text: string) => string>> = {
  nfkd: (text) =>
    text
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .replace(strokes, (letter) => plain[letter]!),
  // Full case folding of the letters that toLowerCase leaves apart.
  lower: (text) => text.toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ'),
  alphanumeric: (text) => text.replace(/[\p{M}'’‘ʼʻ`´＇]+/gu, '').replace(/[^\p{L}\p{N} ]+/gu, ' '),
  squash: (text) => text.replace(/\s+/gu, ' ').trim(),
};

/** What every step leaves as it is. */
const normal = /^[a-z0-9]+(?: [a-z0-9]+)*$/;
const printable = /^[ -~]*$/;

/** The same for printable ASCII, which most texts are: some ten times faster. */
const asciiSteps: typeof steps = {
  nfkd: (text) => text,
  lower: (text) => text.toLowerCase(),
  alphanumeric: (text) => text.replace(/['`]+/g, '').replace(/[^A-Za-z0-9 ]+/g, ' '),
  squash: (text) => text.replace(/ {2,}/g, ' ').trim(),
};

/**
 * Text as the agreement wants it compared. `nfkd`: Unicode NFKD without combining marks and strokes (é → e, ø → o, æ → ae);
 * `lower`: lower case, ß → ss; `alphanumeric`: apostrophes and marks vanish (O'Brien → OBrien), every other character that is
 * neither letter nor digit becomes a space (Smith-Jones → Smith Jones); `squash`: runs of white space become one space, none at the ends.
 */
export function normalise(wanted: readonly NormaliseStep[], text: string): string {
  if (normal.test(text)) return text;
  const apply = printable.test(text) ? asciiSteps : steps;
  let result = text;
  for (const step of normaliseSteps) if (wanted.includes(step)) result = apply[step](result);
  return result;
}
