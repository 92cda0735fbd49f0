import type { AnswerKey, Channel } from '@symbolon/engine';
import type { Prepared, PrepareOptions } from '@symbolon/linkage';
import type { Program } from '@symbolon/service';
import { Moved, moved, type Remote, type Threads } from '@symbolon/service/threads';
import { buffersIn } from './buffers.ts';
import type { SessionInput, SessionResult } from './sessions.ts';
import type { WorkOrder, WorkResult } from './work.ts';

/** Makes a table ready for a run by blocking, in a thread. Runs at: the owner of the table. @param options keys and columns are given away */
export async function prepareInThread(
  threads: Threads,
  options: Omit<PrepareOptions, 'kernels' | 'rng'>,
): Promise<Prepared> {
  const remote = threads.open(() => ({}));
  try {
    return await remote.call('prepare', new Moved(options, buffersIn([options.keys, options.columns])));
  } finally {
    remote.close();
  }
}

/** Brings a thread's code, kernels and memory to full speed, while there is something else to wait for. @param bytes of memory that a session will need, about */
export function warmThread(threads: Threads, bytes: number): void {
  const remote = threads.open(() => ({}));
  const end = (): void => remote.close();
  remote.call('warm', bytes).then(end, end);
}

/** One side of a session that a thread computes: `exchange`, then `evaluate`, then `end`; each once. Frames and the answer key come and go here. */
export class ComputedSession<Of extends Program> {
  readonly #remote: Remote;
  #answerKey: AnswerKey | undefined;
  #progress: (share: number) => void = () => undefined;

  private constructor(threads: Threads, channel: Channel) {
    this.#remote = threads.open(() => ({
      send: (to: number, frame: Uint8Array) => channel.send(to, frame),
      receive: async (from: number) => moved(await channel.receive(from)),
      read: async (bytes: number) => moved(await this.#answerKey!.read(bytes)),
      progress: (share: number) => this.#progress(share),
    }));
  }

  /** @param order its secrets are given away */
  static async open<Of extends Program>(
    threads: Threads,
    order: WorkOrder & { readonly program: Of },
    channel: Channel,
  ): Promise<ComputedSession<Of>> {
    const session = new ComputedSession<Of>(threads, channel);
    try {
      await session.#remote.call('open', new Moved(order, buffersIn(order.secrets)));
      return session;
    } catch (error) {
      session.end();
      throw error;
    }
  }

  /** @param input given away @param salt 32 fresh random bytes @returns the hash that all sign */
  exchange(input: SessionInput<Of>, salt: Uint8Array): Promise<Uint8Array> {
    return this.#remote.call('exchange', new Moved(input, buffersIn(input)), salt);
  }

  /** @param answerKey where it comes to this party @param progress told the share of the work that is done */
  evaluate(
    answerKey: AnswerKey | undefined,
    progress: (share: number) => void,
  ): Promise<Omit<WorkResult, 'result'> & { readonly result: SessionResult<Of> }> {
    this.#answerKey = answerKey;
    this.#progress = progress;
    return this.#remote.call('evaluate', answerKey !== undefined);
  }

  /** Ends it, whatever it is doing; the thread overwrites all that it held. */
  end(): void {
    this.#remote.close();
  }
}
