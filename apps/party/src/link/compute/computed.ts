import type { AnswerKey, Channel } from '@symbolon/engine';
import type { InputOf, LinkProgram, Prepared, PrepareOptions, ResultOf } from '@symbolon/linkage';
import { Moved, moved, type Remote, type Threads } from '@symbolon/service/threads';
import { buffersIn } from './buffers.ts';
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

/** Brings a thread's code and kernels to full speed, while there is something else to wait for. */
export function warmThread(threads: Threads): void {
  const remote = threads.open(() => ({}));
  const end = (): void => remote.close();
  remote.call('warm').then(end, end);
}

/** One side of a session that a thread computes: `exchange`, then `evaluate`, then `end`; each once. Frames and the answer key come and go here. */
export class ComputedSession<Program extends LinkProgram> {
  readonly #remote: Remote;
  #answerKey: AnswerKey | undefined;
  #progress: (share: number) => void = () => undefined;

  private constructor(threads: Threads, channel: Channel, peer: number) {
    this.#remote = threads.open(() => ({
      send: (frame: Uint8Array) => channel.send(peer, frame),
      receive: async () => moved(await channel.receive(peer)),
      read: async (bytes: number) => moved(await this.#answerKey!.read(bytes)),
      progress: (share: number) => this.#progress(share),
    }));
  }

  /** @param order its secrets are given away */
  static async open<Program extends LinkProgram>(
    threads: Threads,
    order: WorkOrder & { readonly program: Program },
    channel: Channel,
  ): Promise<ComputedSession<Program>> {
    const session = new ComputedSession<Program>(threads, channel, 1 - order.index);
    try {
      await session.#remote.call('open', new Moved(order, buffersIn(order.secrets)));
      return session;
    } catch (error) {
      session.end();
      throw error;
    }
  }

  /** @param input given away @param salt 32 fresh random bytes @returns the hash that both sign */
  exchange(input: InputOf<Program>, salt: Uint8Array): Promise<Uint8Array> {
    return this.#remote.call('exchange', new Moved(input, buffersIn(input)), salt);
  }

  /** @param answerKey where it comes to this party @param progress told the share of the work that is done */
  evaluate(
    answerKey: AnswerKey | undefined,
    progress: (share: number) => void,
  ): Promise<Omit<WorkResult, 'result'> & { readonly result: ResultOf<Program> }> {
    this.#answerKey = answerKey;
    this.#progress = progress;
    return this.#remote.call('evaluate', answerKey !== undefined);
  }

  /** Ends it, whatever it is doing; the thread overwrites all that it held. */
  end(): void {
    this.#remote.close();
  }
}
