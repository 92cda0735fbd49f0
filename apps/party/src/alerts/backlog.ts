import { fault } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import { waiting } from './outbox.ts';

const countedMilliseconds = 1000;

/** How much waits for partners: where it is more than the settings allow, sources have to wait too. */
export class Backlog {
  readonly #context: Pick<PartyContext, 'database' | 'settings'>;
  #count = 0;
  #counted = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> = Promise.resolve();

  constructor(context: Pick<PartyContext, 'database' | 'settings'>) {
    this.#context = context;
  }

  /** So many messages more wait. */
  add(messages: number): void {
    this.#count += messages;
  }

  /** Throws `alerts-full`. Calls end in the order in which they were made, as events are to be taken in theirs. */
  async requireRoom(): Promise<void> {
    const { maxWaiting } = this.#context.settings.alerts;
    const time = performance.now();
    if (time - this.#counted > countedMilliseconds) {
      this.#counted = time;
      this.#counting = this.#recount();
    }
    await this.#counting;
    if (this.#count < maxWaiting) return;
    throw fault(
      'alerts-full',
      `${this.#count} messages wait for partners, and settings.alerts.maxWaiting is ${maxWaiting}`,
      {
        culprit: 'settings.alerts.maxWaiting',
      },
    );
  }

  async #recount(): Promise<void> {
    this.#count = await waiting(this.#context.database);
  }
}
