import type { MessagePort } from 'node:worker_threads';
import { fault, SymbolonError } from '@symbolon/crypto';

/** What one end of a {@link Remote} answers, by name. A {@link Moved} answer gives its buffers away. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

/** A value whose buffers go over to the other thread: the sender has them no more. */
export class Moved<Value = unknown> {
  readonly value: Value;
  readonly buffers: readonly ArrayBuffer[];

  constructor(value: Value, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** Bytes that go over to another thread: themselves where they own their buffer, else a copy. Shared memory and pools stay. */
export function moved<Bytes extends Uint8Array>(bytes: Bytes): Moved<Uint8Array> {
  const whole = bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength;
  const own = whole ? bytes : new Uint8Array(bytes);
  return new Moved(own, [own.buffer as ArrayBuffer]);
}

interface Failure {
  readonly code: SymbolonError['code'] | undefined;
  readonly message: string;
  readonly culprit: string | undefined;
  readonly hint: string | undefined;
}

type Message =
  | { readonly ask: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly failure: Failure };

/** One end of a conversation between two threads: each asks the other, by name, and waits for its answer. */
export class Remote {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  readonly #methods: Methods;
  readonly #closed: () => void;
  #count = 0;
  #failure: Error | undefined;

  /**
   * @param methods what this end answers
   * @param closed called once, when either end has hung up
   */
  constructor(port: MessagePort, methods: (remote: Remote) => Methods, closed: () => void = () => undefined) {
    this.#port = port;
    this.#methods = methods(this);
    this.#closed = closed;
    port.on('message', (message: Message) => void this.#arrived(message));
    port.once('close', () =>
      this.fail(fault('thread-lost', 'a thread of this server ended in the middle of its work')),
    );
  }

  /** Asks the other end. @param args a {@link Moved} one gives its buffers away */
  call<Result = void>(method: string, ...args: readonly unknown[]): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const ask = this.#count++;
    const buffers = args.flatMap((arg) => (arg instanceof Moved ? arg.buffers : []));
    const values = args.map((arg) => (arg instanceof Moved ? arg.value : arg));
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve: resolve as (value: unknown) => void, reject });
      this.#port.postMessage({ ask, method, args: values } satisfies Message, [...buffers]);
    });
  }

  /** Whether it was the thread that ended. */
  get lost(): boolean {
    return this.#failure instanceof SymbolonError && this.#failure.code === 'thread-lost';
  }

  /** Ends the conversation: what waits here, and all that is asked later, fails with this error. The first one stays. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#port.close();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#closed();
  }

  /** Hangs up. */
  close(): void {
    this.fail(fault('session-expired', 'this work has ended'));
  }

  async #arrived(message: Message): Promise<void> {
    if ('answer' in message) {
      const waiting = this.#waiting.get(message.answer);
      this.#waiting.delete(message.answer);
      if ('failure' in message) waiting?.reject(errorOf(message.failure));
      else waiting?.resolve(message.value);
      return;
    }
    const { ask: answer, method, args } = message;
    let reply: Message;
    let buffers: readonly ArrayBuffer[] = [];
    try {
      const value = await this.#methods[method]!(...(args as never[]));
      if (value instanceof Moved) buffers = value.buffers;
      reply = { answer, value: value instanceof Moved ? value.value : value };
    } catch (error) {
      reply = { answer, failure: failureOf(error) };
    }
    if (this.#failure === undefined) this.#port.postMessage(reply, [...buffers]);
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof SymbolonError)) {
    return { code: undefined, message: String(error), culprit: undefined, hint: undefined };
  }
  const { code, message, culprit, hint } = error;
  return { code, message, culprit, hint };
}

function errorOf({ code, message, culprit, hint }: Failure): Error {
  return code === undefined ? new Error(message) : fault(code, message, { culprit, hint });
}
