/** The name that was probably meant: equal but for case and punctuation, or a few typing errors away. */
export function suggest(wanted: string, names: readonly string[]): string | undefined {
  const bare = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  const target = bare(wanted);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(target.length / 3)) + 1;
  for (const name of names) {
    const candidate = bare(name);
    const contained =
      target.length > 3 && candidate.length > 3 && (candidate.includes(target) || target.includes(candidate));
    const distance = contained ? Math.min(1, Math.abs(candidate.length - target.length)) : edits(target, candidate);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
