import { like } from './errors.ts';
import type { Random } from './random.ts';

/** How often a single edit replaces, inserts or removes a character, or exchanges two neighbours: weights. */
export interface EditKinds {
  readonly substitution: number;
  readonly insertion: number;
  readonly deletion: number;
  readonly transposition: number;
}

const tries = 100;

/**
 * A text at exactly so many edits from this one (`editDistance`) that is `valid`; undefined where none was found. A character gives way to one
 * of its kind; the text stays neither empty nor padded.
 */
export function misspell(
  text: string,
  edits: number,
  kinds: EditKinds,
  random: Random,
  valid: (text: string) => boolean = () => true,
): string | undefined {
  for (let i = 0; i < tries; i++) {
    let changed = text;
    for (let n = 0; n < edits; n++) changed = oneEdit(changed, kinds, random);
    const apart = edits === 1 ? changed !== text : editDistance(text, changed) === edits;
    if (apart && changed !== '' && changed === changed.trim() && valid(changed)) return changed;
  }
  return undefined;
}

function oneEdit(text: string, kinds: EditKinds, random: Random): string {
  const { substitution, insertion, deletion, transposition } = kinds;
  const kind = random.below(substitution + insertion + deletion + transposition);
  const at = random.below(text.length);
  const [before, char, after] = [text.slice(0, at), text[at] ?? '', text.slice(at + 1)];
  if (kind < substitution) return before + like(char, random) + after;
  if (kind < substitution + insertion) return before + like(char, random) + char + after;
  if (kind < substitution + insertion + deletion) return before + after;
  return before + after.slice(0, 1) + char + after.slice(1);
}

/**
 * Least number of substitutions, insertions, deletions and exchanges of neighbours that lead from one text to the other, where no place is
 * edited twice (optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const least = new Uint16Array((a.length + 1) * width);
  for (let j = 1; j <= b.length; j++) least[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const row = i * width;
    least[row] = i;
    for (let j = 1; j <= b.length; j++) {
      const [here, above] = [row + j, row + j - width];
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let edits = Math.min(least[above]! + 1, least[here - 1]! + 1, least[above - 1]! + (same ? 0 : 1));
      const crossed = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (crossed) edits = Math.min(edits, least[above - width - 2]! + 1);
      least[here] = edits;
    }
  }
  return least.at(-1)!;
}
