/**
 * Texts at one width, to compare many pairs of them by position; a missing one agrees with nothing, and two empty ones do not.
 * The bench's own count of what `agree(x, y) >= 0.9` says over all pairs, as DuckDB takes minutes for that.
 */
export class Texts {
  readonly #codes: Uint16Array;
  readonly #lengths: Int32Array;
  readonly #width: number;

  constructor(texts: readonly (string | null)[], width: number) {
    this.#width = width;
    this.#codes = new Uint16Array(texts.length * width);
    this.#lengths = Int32Array.from(texts, (text) => text?.length ?? -1);
    for (const [i, text] of texts.entries()) {
      for (let j = 0; j < (text?.length ?? 0); j++) this.#codes[i * width + j] = text!.charCodeAt(j);
    }
  }

  /** Whether of ten characters nine are the same at the same place, the longer text counting. */
  agree(i: number, other: Texts, k: number): boolean {
    const [mine, theirs] = [this.#lengths[i]!, other.#lengths[k]!];
    const longer = Math.max(mine, theirs);
    if (mine < 0 || theirs < 0 || longer === 0) return false;
    const most = Math.floor(longer / 10);
    const [x, y] = [i * this.#width, k * other.#width];
    let differing = 0;
    for (let j = 0; j < longer; j++) {
      if (this.#codes[x + j] !== other.#codes[y + j] && ++differing > most) return false;
    }
    return true;
  }
}
