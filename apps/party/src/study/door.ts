import { fault } from '@symbolon/crypto';
import type { FrameSocket } from '@symbolon/service';

/** Where the lines of one attempt come in, one from each party that dials this one. */
export class Door {
  readonly #waiting = new Map<string, PromiseWithResolvers<FrameSocket>>();
  readonly #timer: NodeJS.Timeout;

  /** @param callers ids of those who dial @param signal ends what still waits */
  constructor(callers: readonly string[], milliseconds: number, signal: AbortSignal) {
    for (const id of callers) {
      const waiting = Promise.withResolvers<FrameSocket>();
      waiting.promise.catch(() => undefined);
      this.#waiting.set(id, waiting);
    }
    this.#timer = setTimeout(() => {
      this.#fail((id) => fault('peer-silent', `${id} opened no line for a study that was agreed`, { culprit: id }));
    }, milliseconds);
    signal.addEventListener('abort', () => this.#fail(() => signal.reason), { once: true });
  }

  /** The line from this party. Rejects with `peer-silent`, or with what ends the run before it is there. */
  line(id: string): Promise<FrameSocket> {
    return this.#waiting.get(id)!.promise;
  }

  /** Takes a line in. Throws `session-unknown` for one that is not due. */
  admit(id: string): (socket: FrameSocket) => void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || this.#admitted.has(id)) {
      throw fault('session-unknown', 'no such line is waited for here', { culprit: id });
    }
    this.#admitted.add(id);
    return (socket) => {
      waiting.resolve(socket);
      if (this.#admitted.size === this.#waiting.size) clearTimeout(this.#timer);
    };
  }

  readonly #admitted = new Set<string>();

  #fail(why: (id: string) => unknown): void {
    clearTimeout(this.#timer);
    for (const [id, { reject }] of this.#waiting) reject(why(id));
  }
}
