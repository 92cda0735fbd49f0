import type { ServerEvent } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import type { AlertInfo } from './alert-info.ts';
import { AlertInbox } from './inbox.ts';

/** Alerts of one look. */
const atOnce = 100;

/** Alerts as they come. Who was away asks for those after the last that it got: nothing is missed, as they stand in the inbox. */
export class Follower {
  readonly #inbox: AlertInbox;
  #waiting: (() => void)[] = [];

  constructor(context: PartyContext) {
    this.#inbox = new AlertInbox(context);
  }

  /** Alerts were committed. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** @param after number of the last alert that is known; those from now on, if undefined */
  async *follow(after: number | undefined, signal: AbortSignal): AsyncGenerator<ServerEvent<AlertInfo>> {
    signal.addEventListener('abort', () => this.wake(), { once: true });
    for (let number = after ?? (await this.#inbox.newest()); !signal.aborted; ) {
      // Before looking, so that what comes meanwhile is not missed.
      const more = new Promise<void>((resolve) => this.#waiting.push(resolve));
      const alerts = await this.#inbox.after(number, atOnce);
      for (const data of alerts) {
        yield { id: data.number, data };
        number = data.number;
      }
      if (alerts.length < atOnce && !signal.aborted) await more;
    }
  }
}
