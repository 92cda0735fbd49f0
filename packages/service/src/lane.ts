/** Timers are not longer, as clocks are set. */
const longestWait = 60_000;

/** Work that goes on for one receiver at a time, apart from that for others: it is woken when there is some, and wakes itself when some is due. */
export class Lane {
  readonly #round: () => Promise<number | undefined>;
  readonly #failed: (error: unknown) => number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  /**
   * @param round does some of the work. @returns milliseconds until there is more: 0 at once; undefined where nothing is left
   * @param failed is told where it threw; returns milliseconds until it is tried again
   */
  constructor(round: () => Promise<number | undefined>, failed: (error: unknown) => number) {
    this.#round = round;
    this.#failed = failed;
  }

  /** There is work, or may be. */
  wake(): void {
    if (this.#closed) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#run();
  }

  /** Resolves when what goes on is over. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    let wait: number | undefined = 0;
    while (wait === 0 && !this.#closed) {
      this.#again = false;
      wait = await this.#round().catch((error) => this.#failed(error));
      if (this.#again) wait = 0;
    }
    this.#running = undefined;
    if (wait === undefined || this.#closed) return;
    this.#timer = setTimeout(() => this.wake(), Math.min(wait, longestWait)).unref();
  }
}
