/** At most so many events in any minute, for each key. */
export class Quota {
  readonly #perMinute: number;
  readonly #now: () => Date;
  readonly #events = new Map<string, number[]>();

  constructor(perMinute: number, now: () => Date) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Counts an event; false, and not counted, if there were too many. */
  take(key: string): boolean {
    const time = this.#now().getTime();
    const recent = (this.#events.get(key) ?? []).filter((at) => at > time - 60_000);
    this.#events.set(key, recent);
    if (recent.length >= this.#perMinute) return false;
    recent.push(time);
    return true;
  }
}
