/** Which of some names was meant by one that is none of them; undefined where none is near. `of`: what of a known name is compared. */
export function nearest(
  name: string,
  known: readonly string[],
  of: (known: string) => string = (same) => same,
): string | undefined {
  const distance = (other: string): number => edits(of(other).toLowerCase(), name.toLowerCase());
  const best = known.toSorted((x, y) => distance(x) - distance(y))[0];
  return best !== undefined && distance(best) <= Math.max(2, name.length / 3) ? best : undefined;
}

// Levenshtein distance, row by row.
function edits(x: string, y: string): number {
  let row = Array.from({ length: y.length + 1 }, (_, i) => i);
  for (let i = 1; i <= x.length; i++) {
    const next = [i];
    for (let j = 1; j <= y.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (x[i - 1] === y[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[y.length]!;
}
