const mostKeys = 10_000;

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
    if (this.#events.size >= mostKeys) this.#forget(time);
    this.#events.set(key, recent);
    if (recent.length >= this.#perMinute) return false;
    recent.push(time);
    return true;
  }

  /** Keys may be addresses of anybody: those that are quiet are not kept. */
  #forget(time: number): void {
    for (const [key, events] of this.#events) {
      if (events.every((at) => at <= time - 60_000)) this.#events.delete(key);
    }
  }
}
