import { type ChildProcess, fork } from 'node:child_process';
import { fault, type SymbolonError } from '@symbolon/crypto';
import type { KeyAnswers, KeyOrder } from './key-orders.ts';
import type { KeyAsked, KeyTold } from './key-process.ts';
import type { Progress } from './server.ts';
import { faultOf } from './told-fault.ts';

type Order<Kind extends KeyOrder['kind']> = Omit<Extract<KeyOrder, { kind: Kind }>, 'kind'>;
type Kind = KeyOrder['kind'];

interface Waiting {
  readonly resolve: (made: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: Progress;
}

/** How an order is followed. */
export interface Way {
  readonly onProgress?: Progress;
  /** It is not wanted any more. */
  readonly signal?: AbortSignal;
}

/**
 * A key that is open. Its secret is in a process of its own, never in this one: whatever is done with it is asked of that process, and locking the key
 * ends it.
 */
export class OpenKey {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;
  #ended: SymbolonError | undefined;

  private constructor() {
    this.#child = fork(new URL('./key-process.ts', import.meta.url), {
      serialization: 'advanced',
      stdio: 'ignore',
      execArgv: [],
      env: {},
    });
    this.#child.on('message', (told: KeyTold) => this.#hear(told));
    const gone = (): void => this.#end(fault('internal', 'the process that holds a secret key has ended'));
    this.#child.on('error', gone);
    this.#child.on('exit', gone);
  }

  /** A fresh key pair, wrapped. Throws `password-weak`. */
  static make(order: Order<'make'>): Promise<{ open: OpenKey; made: KeyAnswers['make'] }> {
    return OpenKey.#started('make', order);
  }

  /** Throws `passphrase-wrong`. */
  static async unwrap(order: Order<'unwrap'>): Promise<OpenKey> {
    return (await OpenKey.#started('unwrap', order)).open;
  }

  static async #started<K extends 'make' | 'unwrap'>(kind: K, order: Order<K>) {
    const open = new OpenKey();
    try {
      return { open, made: await open.#ask(kind, order) };
    } catch (error) {
      open.close();
      throw error;
    }
  }

  /** Whether something is done with it now. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether its process has ended. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Encrypts rows into files of a folder. Throws `data-…`, `table-layout`. */
  encrypt(order: Order<'encrypt'>, way: Way = {}): Promise<KeyAnswers['encrypt']> {
    return this.#ask('encrypt', order, way);
  }

  /** What a circuit comes to over rows in the clear, and which rows these are. Throws `data-…`. */
  recompute(order: Order<'recompute'>, way: Way = {}): Promise<KeyAnswers['recompute']> {
    return this.#ask('recompute', order, way);
  }

  /** Decrypts results, and holds check rows and ranges: totals of a circuit. Throws `fhe-check`. */
  open(order: Order<'open'>): Promise<KeyAnswers['open']> {
    return this.#ask('open', order);
  }

  /** Decrypts scores, holds check rows and ranges, and keeps them where only this key reads them. Throws `fhe-check`. */
  score(order: Order<'score'>): Promise<KeyAnswers['score']> {
    return this.#ask('score', order);
  }

  /** Whether rows in the clear come to the scores that were kept, and which rows these are. Throws `data-…`. */
  compare(order: Order<'compare'>, way: Way = {}): Promise<KeyAnswers['compare']> {
    return this.#ask('compare', order, way);
  }

  /** Some of the scores that were kept. */
  scores(order: Order<'scores'>): Promise<KeyAnswers['scores']> {
    return this.#ask('scores', order);
  }

  /** Moves a table from another key to this one. The other's secrets pass through this process sealed. */
  async move(
    other: OpenKey,
    { from, ...order }: Omit<Order<'move'>, 'from'> & { readonly from: Omit<Order<'move'>['from'], 'handed'> },
    way: Way,
  ): Promise<void> {
    const recipient = await this.#ask('recipient', {});
    const handed = await other.#ask('hand', { table: from.table, recipient });
    await this.#ask('move', { ...order, from: { ...from, handed } }, way);
  }

  /** Ends the process; what it is doing ends with `seal-key`. */
  close(): void {
    this.#end(fault('seal-key', 'the key was locked meanwhile'));
    this.#child.kill('SIGKILL');
  }

  #ask<K extends Kind>(kind: K, order: Order<K>, { onProgress = () => {}, signal }: Way = {}): Promise<KeyAnswers[K]> {
    signal?.throwIfAborted();
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#count;
    const send = (asked: KeyAsked): void => void this.#child.send(asked);
    const { promise, resolve, reject } = Promise.withResolvers<KeyAnswers[K]>();
    const stop = (): void => {
      this.#waiting.delete(id);
      if (this.#ended === undefined) send({ id, stop: true });
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    this.#waiting.set(id, { resolve, reject, onProgress });
    send({ id, order: { kind, ...order } as unknown as KeyOrder });
    return promise.finally(() => signal?.removeEventListener('abort', stop));
  }

  #hear(told: KeyTold): void {
    const waiting = this.#waiting.get(told.id);
    if (waiting === undefined) return;
    if ('of' in told) {
      waiting.onProgress(told.done, told.of);
      return;
    }
    this.#waiting.delete(told.id);
    if ('made' in told) waiting.resolve(told.made as never);
    else waiting.reject(faultOf(told.error));
  }

  #end(why: SymbolonError): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
