import { setImmediate } from 'node:timers/promises';
import { fault, Prg, systemRng } from '@symbolon/crypto';
import { type AnswerKey, type PartyMasks, withInputPads } from '@symbolon/engine';
import { createKernels, type Kernels } from '@symbolon/kernels';
import { type LinkSession, type Prepared, type PrepareOptions, prepare, warmUp } from '@symbolon/linkage';
import { Moved, moved, type Program, type Remote } from '@symbolon/service/threads';
import type { SessionSecrets } from '../keys.ts';
import { buffersIn } from './buffers.ts';
import { openComputing, type SessionInput, type SessionResult } from './sessions.ts';

/** What a thread needs to open a session. The secrets are the thread's from then on: it overwrites them. */
export interface WorkOrder {
  readonly program: Program;
  readonly index: number;
  /** What the parties are called, by place. */
  readonly names: readonly string[];
  readonly secrets: SessionSecrets;
}

/** What a session came to. */
export interface WorkResult {
  readonly result: SessionResult<Program>;
  readonly sent: number;
  readonly received: number;
  /** With each peer, the hashes of its frames: those of the lower place to the higher, and back. */
  readonly frames: ReadonlyMap<number, readonly [Uint8Array, Uint8Array]>;
}

// Memory that was touched once is faster than fresh.
const idleKernels: Kernels[] = [];

/** The computing of one session, or of what comes before the first. Runs at: a thread, which asks the main one for frames and for the answer key. */
export class Work {
  readonly #remote: Remote;
  readonly #kernels = idleKernels.pop() ?? createKernels();
  #running: Promise<unknown> = Promise.resolve();
  #ended = false;
  #peers: readonly number[] = [];
  #session: LinkSession<SessionInput<Program>, SessionResult<Program>> | undefined;
  #wipe: () => void = () => undefined;

  constructor(remote: Remote) {
    this.#remote = remote;
  }

  /** @param bytes that a session will need, about */
  warm(bytes: number): Promise<void> {
    return this.#run(async () => {
      await warmUp(this.#kernels);
      this.#kernels.arena.touch(bytes);
    });
  }

  /** A table as a run by blocking takes it; stays in memory that threads share. */
  prepare(options: Omit<PrepareOptions, 'kernels' | 'rng'>): Promise<Prepared> {
    return this.#run(async () => {
      const steps = prepare({ ...options, kernels: this.#kernels, rng: systemRng });
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
        await this.#pause();
      }
    });
  }

  open({ program, index, names, secrets }: WorkOrder): void {
    const { masks, wipe } = expanded(secrets, index);
    this.#wipe = wipe;
    this.#peers = [...names.keys()].filter((party) => party !== index);
    const remote = this.#remote;
    this.#session = openComputing({
      program,
      index,
      masks,
      channel: {
        send: (to, frame) => remote.call('send', to, moved(new Uint8Array(frame))),
        receive: (from) => remote.call('receive', from),
      },
      kernels: this.#kernels,
      rng: systemRng,
      name: (party) => names[party]!,
      pause: () => this.#pause(),
    });
  }

  exchange(input: SessionInput<Program>, salt: Uint8Array): Promise<Uint8Array> {
    return this.#run(() => this.#session!.exchange(input, salt));
  }

  /** @param holdsKey whether the answer key comes to this party */
  evaluate(holdsKey: boolean): Promise<Moved<WorkResult>> {
    const session = this.#session!;
    const remote = this.#remote;
    const answerKey: AnswerKey = { read: (bytes) => remote.call('read', bytes) };
    return this.#run(async () => {
      const steps = session.evaluate(holdsKey ? answerKey : undefined);
      for (;;) {
        const { value, done } = await steps.next();
        if (!done) {
          await remote.call('progress', value);
          continue;
        }
        const { sentBytes: sent, receivedBytes: received } = session;
        const frames = new Map(this.#peers.map((peer) => [peer, session.transcript(peer)] as const));
        return new Moved({ result: value, sent, received, frames }, buffersIn(value));
      }
    });
  }

  /** Overwrites everything, once what runs has come to its next pause. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#running.catch(() => undefined);
    this.#session?.end();
    this.#wipe();
    this.#kernels.arena.zeroise();
    idleKernels.push(this.#kernels);
  }

  #run<Result>(task: () => Promise<Result>): Promise<Result> {
    const running = task();
    this.#running = running;
    return running;
  }

  async #pause(): Promise<void> {
    await setImmediate();
    if (this.#ended) throw fault('session-expired', 'the session has ended');
  }
}

/** The masks of a party, and how to overwrite them. */
function expanded({ seeds, pads }: SessionSecrets, index: number): { masks: PartyMasks; wipe(): void } {
  const generators = seeds.map((seed) => new Prg(seed));
  const own = generators[index]!;
  const pairs = generators.map((prg, party) => (party === index ? undefined : prg));
  const masks = { own: pads === undefined ? own : withInputPads(own, (node) => pads.get(node)!), pairs };
  const wipe = (): void => {
    for (const prg of generators) prg.zeroise();
    for (const secret of [...seeds, ...(pads?.values() ?? [])]) secret.fill(0);
  };
  return { masks, wipe };
}
