import { fault } from '@symbolon/crypto';
import type { FrameSocket } from '@symbolon/service';
import { asFault } from '../run/faults.ts';
import type { UnitLines } from './units.ts';

type Admit = (unit: number, again: number) => (socket: FrameSocket) => void;

/** As many sessions as a party may run at a time. */
const mostEarly = 256;

/** Where the lines of one attempt come in. Runs at: the peer of its initiator, which opens them. */
export class Door {
  readonly peer: string;
  /** The run's own line. Rejects with `peer-silent`, or with what ends the run before it is there. */
  readonly main: Promise<FrameSocket>;
  readonly lines: UnitLines;
  #take: ((socket: FrameSocket) => void) | undefined;
  #units: Admit | undefined;
  /** Of sessions whose line came while this side still recorded what the peer's greeting said. */
  readonly #early: { unit: number; again: number; socket: FrameSocket }[] = [];
  #over = false;

  constructor(peer: string, milliseconds: number, signal: AbortSignal) {
    this.peer = peer;
    const { promise, resolve, reject } = Promise.withResolvers<FrameSocket>();
    const fail = (error: unknown): void => {
      this.#take = undefined;
      this.#over = true;
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
        for (const { unit, again, socket } of this.#early.splice(0)) this.#deliver(unit, again, socket);
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
    } else if (isNumber(unit) && isNumber(again)) {
      if (this.#units !== undefined) return this.#units(Number(unit), Number(again));
      if (this.#waits()) return (socket) => this.#keep(Number(unit), Number(again), socket);
    }
    throw fault('session-unknown', 'no such line is waited for here', { culprit: this.peer });
  }

  /** The run has ended: hangs up on whoever waits here still. */
  shut(): void {
    this.#over = true;
    for (const { socket } of this.#early.splice(0)) void socket.close(fault('session-expired', 'the run has ended'));
  }

  #waits(): boolean {
    return this.#take === undefined && !this.#over && this.#early.length < mostEarly;
  }

  #keep(unit: number, again: number, socket: FrameSocket): void {
    if (this.#units !== undefined) this.#deliver(unit, again, socket);
    else if (this.#waits()) this.#early.push({ unit, again, socket });
    else void socket.close(fault('session-expired', 'the run has ended'));
  }

  #deliver(unit: number, again: number, socket: FrameSocket): void {
    try {
      this.#units!(unit, again)(socket);
    } catch (error) {
      void socket.close(asFault(error));
    }
  }
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^(0|[1-9]\d{0,5})$/.test(text);
}
