const minute = 60_000;
const day = 24 * 60 * minute;

/** How much may be done in a minute, and in a day: of the clock, and since the process began. */
export class Budget {
  readonly #windows: { readonly length: number; readonly most: number; number: number; used: number }[];
  readonly #now: () => Date;

  constructor({ perMinute, perDay }: { perMinute: number; perDay: number }, now: () => Date) {
    const window = (length: number, most: number) => ({ length, most, number: 0, used: 0 });
    this.#windows = [window(minute, perMinute), window(day, perDay)];
    this.#now = now;
  }

  /** Counts `count`; false, and not counted, if that were too many. */
  take(count: number): boolean {
    const time = this.#now().getTime();
    for (const window of this.#windows) {
      const number = Math.floor(time / window.length);
      if (number !== window.number) Object.assign(window, { number, used: 0 });
    }
    if (this.#windows.some(({ used, most }) => used + count > most)) return false;
    for (const window of this.#windows) window.used += count;
    return true;
  }
}
