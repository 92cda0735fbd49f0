import { MessageChannel, type MessagePort, parentPort, Worker } from 'node:worker_threads';
import { fault } from '@symbolon/crypto';
import { type Methods, Remote } from './remote.ts';

export { dealProgram, type Program } from './programs.ts';
export { type Methods, Moved, moved, Remote } from './remote.ts';

interface Thread {
  readonly worker: Worker;
  readonly remotes: Set<Remote>;
}

/**
 * Threads of this process that compute, so that the main one can answer. One that crashes takes down what it was working on, and
 * nothing else; another is started in its place when it is needed.
 */
export class Threads {
  readonly #script: URL;
  readonly #most: number;
  readonly #heapMegabytes: number | undefined;
  readonly #threads = new Set<Thread>();
  #closed = false;

  /**
   * Starts none yet: see {@link Threads.ready}.
   * @param params.script calls {@link serveThread}
   * @param params.most threads
   * @param params.heapMegabytes of a thread's JavaScript heap, buffers and kernels' memory apart
   */
  constructor({ script, most, heapMegabytes }: { script: URL; most: number; heapMegabytes?: number }) {
    this.#script = script;
    this.#most = most;
    this.#heapMegabytes = heapMegabytes;
  }

  /** Starts the first thread, if none runs: what it loads is loaded when the work comes that is expected now. */
  ready(): void {
    if (!this.#closed && this.#threads.size === 0) this.#start();
  }

  /** Begins a piece of work on the least busy thread. All that is asked of one that ends before fails with `thread-lost`. */
  open(methods: (remote: Remote) => Methods): Remote {
    if (this.#closed) throw fault('conflict', 'the server is stopping');
    const [least] = [...this.#threads].sort((x, y) => x.remotes.size - y.remotes.size);
    const free = least?.remotes.size === 0 || this.#threads.size >= this.#most;
    const thread = free ? least! : this.#start();
    const { worker, remotes } = thread;
    const { port1, port2 } = new MessageChannel();
    const remote = new Remote(port1, methods, () => {
      remotes.delete(remote);
      // Its ports may close before the thread is seen to end: nothing new must go to it.
      if (remote.lost) this.#threads.delete(thread);
    });
    remotes.add(remote);
    worker.postMessage(port2, [port2]);
    return remote;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #start(): Thread {
    const limits = this.#heapMegabytes === undefined ? {} : { maxOldGenerationSizeMb: this.#heapMegabytes };
    const worker = new Worker(this.#script, { execArgv: [], resourceLimits: limits });
    const thread: Thread = { worker, remotes: new Set() };
    this.#threads.add(thread);
    worker.unref();
    // Why it ended is known before its ports close: whoever waits for it is told.
    worker.once('error', (cause) => {
      const lost = fault('thread-lost', `a thread of this server failed: ${String(cause)}`, { cause });
      for (const remote of [...thread.remotes]) remote.fail(lost);
    });
    worker.once('exit', () => this.#threads.delete(thread));
    return thread;
  }
}

/** Runs at: a thread. Answers each piece of work with methods of its own. @param accept is told when the work has ended, by whomever */
export function serveThread(accept: (remote: Remote) => { methods: Methods; closed(): void }): void {
  parentPort!.on('message', (port: MessagePort) => {
    let closed: (() => void) | undefined;
    const methods = (remote: Remote): Methods => {
      const work = accept(remote);
      closed = () => work.closed();
      return work.methods;
    };
    new Remote(port, methods, () => closed?.());
  });
}
