/**
 * Which of the known names was meant by one that is none of them; undefined where none is near.
 * @param of what of a known name is compared
 */
export function nearest(
  name: string,
  known: readonly string[],
  of: (known: string) => string = (same) => same,
): string | undefined {
  let [best, least]: [string | undefined, number] = [undefined, Math.floor(Math.max(2, name.length / 3)) + 1];
  for (const other of known) {
    const distance = edits(name.toLowerCase(), of(other).toLowerCase());
    if (distance < least) [best, least] = [other, distance];
  }
  return best;
}

/** Edits, two swapped neighbours being one (optimal string alignment). */
function edits(x: string, y: string): number {
  let before: number[] = [];
  let row = Array.from({ length: y.length + 1 }, (_, i) => i);
  for (let i = 1; i <= x.length; i++) {
    const next = [i];
    for (let j = 1; j <= y.length; j++) {
      const changed = row[j - 1]! + (x[i - 1] === y[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && x[i - 1] === y[j - 2] && x[i - 2] === y[j - 1] ? before[j - 2]! + 1 : changed;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, changed, swapped));
    }
    [before, row] = [row, next];
  }
  return row[y.length]!;
}
