import { fault } from '@symbolon/crypto';
import type { FrameSocket } from '@symbolon/service';
import type { UnitLines } from './units.ts';

type Admit = (unit: number, again: number) => (socket: FrameSocket) => void;

/** Where the lines of one attempt come in. Runs at: the peer of its initiator, which opens them. */
export class Door {
  readonly peer: string;
  /** The run's own line. Rejects with `peer-silent`, or with what ends the run before it is there. */
  readonly main: Promise<FrameSocket>;
  readonly lines: UnitLines;
  #take: ((socket: FrameSocket) => void) | undefined;
  #units: Admit | undefined;

  constructor(peer: string, milliseconds: number, signal: AbortSignal) {
    this.peer = peer;
    const { promise, resolve, reject } = Promise.withResolvers<FrameSocket>();
    const fail = (error: unknown): void => {
      this.#take = undefined;
      settle();
      reject(error);
    };
    const silent = fault('peer-silent', `${peer} proposed a link and then opened no line`, { culprit: peer });
    const timer = setTimeout(() => fail(silent), milliseconds);
    const aborted = (): void => fail(signal.reason);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
    signal.addEventListener('abort', aborted, { once: true });
    this.#take = (socket) => {
      settle();
      resolve(socket);
    };
    promise.catch(() => undefined);
    this.main = promise;
    this.lines = {
      role: 'peer',
      follow: (admit) => {
        this.#units = admit;
      },
    };
  }

  /** @param params of the address, unchecked: the peer's words. Throws `session-unknown` for a line that is not due. */
  admit(params: ReadonlyMap<string, string>): (socket: FrameSocket) => void {
    const [unit, again] = ['unit', 'try'].map((name) => params.get(name));
    if (unit === undefined && again === undefined) {
      const take = this.#take;
      this.#take = undefined;
      if (take !== undefined) return take;
    } else if (this.#units !== undefined && isNumber(unit) && isNumber(again)) {
      return this.#units(Number(unit), Number(again));
    }
    throw fault('session-unknown', 'no such line is waited for here', { culprit: this.peer });
  }
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^(0|[1-9]\d{0,5})$/.test(text);
}
