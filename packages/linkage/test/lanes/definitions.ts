/** Texts over some characters, up to a length, the empty one first; then NULL. */
export function everyText(characters: readonly string[], most: number): (string | null)[] {
  let last = [''];
  const all: (string | null)[] = [''];
  for (let length = 1; length <= most; length++) {
    last = last.flatMap((text) => characters.map((character) => text + character));
    all.push(...last);
  }
  return [...all, null];
}

type Equal = (x: string, y: string) => boolean;

/** Equal characters of the alphabet; a stranger equals nothing. */
export const within =
  (alphabet: string): Equal =>
  (x, y) =>
    x === y && alphabet.includes(x);

/** Positions with equal characters, and the longer length. */
export function positionsOf(x: string, y: string, equal: Equal): { same: number; longer: number } {
  const [a, b] = [[...x], [...y]];
  return {
    same: a.filter((character, i) => i < b.length && equal(character, b[i]!)).length,
    longer: Math.max(a.length, b.length),
  };
}

/** Wagner and Fischer's table. */
export function levenshtein(x: string, y: string, equal: Equal): number {
  const [a, b] = [[...x], [...y]];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, character] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries())
      next.push(Math.min(row[j]! + (equal(character, other) ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    row = next;
  }
  return row.at(-1)!;
}

/** Whether a number is on one side of a bound. */
export const orders: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  '<': (x, y) => x < y,
  '<=': (x, y) => x <= y,
  '>': (x, y) => x > y,
  '>=': (x, y) => x >= y,
};
