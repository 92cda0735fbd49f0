const day = 86_400_000;

/** How much of something each physician did today (UTC). */
export class DailyCounts {
  readonly #now: () => Date;
  readonly #counts = new Map<string, number>();
  #today = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Counts so many more, and says how many that makes; beyond `most`, undefined, and not counted. */
  add(physician: string, more: number, most: number): number | undefined {
    const today = Math.floor(this.#now().getTime() / day);
    if (today !== this.#today) this.#counts.clear();
    this.#today = today;
    const count = (this.#counts.get(physician) ?? 0) + more;
    if (count > most) return undefined;
    this.#counts.set(physician, count);
    return count;
  }
}
