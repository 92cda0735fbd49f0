/** A uniform whole number from 0 up to, not including, `bound`. */
export type Draw = (bound: number) => number;

/** A repeatable {@link Draw} for models of errors, of no use for secrets: mulberry32 (T. Ettinger). */
export function seededDraw(seed: number): Draw {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return Math.floor((((word ^ (word >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** How often a value of the other register differs, each a probability. */
export interface ErrorRates {
  /** A value is mistyped; with the same probability once more, and so on. */
  readonly mistyped: number;
  /** A value is missing. */
  readonly missing: number;
  /** Someone has moved: all columns of the address are another's. */
  readonly moved: number;
}

/** Rates to choose from: two well-kept registers, ordinary ones, and busy front desks. */
export const errorLevels = {
  low: { mistyped: 0.02, missing: 0.01, moved: 0.02 },
  usual: { mistyped: 0.05, missing: 0.02, moved: 0.05 },
  high: { mistyped: 0.15, missing: 0.05, moved: 0.1 },
} as const satisfies Record<string, ErrorRates>;

export type ErrorLevel = keyof typeof errorLevels;

/** A column of records as texts; null where there is no value. */
export interface ErrorColumn {
  readonly values: readonly (string | null)[];
  /** Part of an address: moves with the others. */
  readonly address: boolean;
  /** Whether the other register could hold this text; an error that makes another one does not happen. */
  readonly allows: (text: string) => boolean;
}

/** The same people as another register might have them, column by column: errors independent of each other, from `draw` alone. */
export function withErrors(columns: readonly ErrorColumn[], rates: ErrorRates, draw: Draw): (string | null)[][] {
  const rows = columns[0]?.values.length ?? 0;
  const happens = (rate: number): boolean => draw(1_000_000) < rate * 1_000_000;
  const result = columns.map(({ values }) => [...values]);
  for (let row = 0; row < rows; row++) {
    const home = happens(rates.moved) ? draw(rows) : row;
    for (const [i, { values, address, allows }] of columns.entries()) {
      let text = values[address ? home : row] ?? null;
      if (happens(rates.missing)) text = null;
      while (text !== null && text !== '' && happens(rates.mistyped)) text = mistyped(text, allows, draw);
      result[i]![row] = text;
    }
  }
  return result;
}

// Most errors in a date make no date.
const tries = 20;

function mistyped(text: string, allows: ErrorColumn['allows'], draw: Draw): string {
  for (let i = 0; i < tries; i++) {
    const changed = mistype(text, draw);
    if (changed !== text && allows(changed)) return changed;
  }
  return text;
}

const letters = 'abcdefghijklmnopqrstuvwxyz';

/** One typing error in a text that is not empty: a character replaced, added, left out, or exchanged with the next one. */
export function mistype(text: string, draw: Draw): string {
  const characters = [...text];
  const at = draw(characters.length);
  switch (draw(4)) {
    case 0:
      characters[at] = like(characters[at]!, draw);
      break;
    case 1:
      characters.splice(at, 0, like(characters[at]!, draw));
      break;
    case 2:
      characters.splice(at, 1);
      break;
    default:
      characters.splice(at, 2, ...characters.slice(at, at + 2).reverse());
  }
  return characters.join('');
}

/** A digit for a digit, a letter for anything else. */
function like(character: string, draw: Draw): string {
  return /\d/.test(character) ? String(draw(10)) : letters[draw(letters.length)]!;
}
