import { fault, type Rng } from '@symbolon/crypto';
import { type AnswerKey, type Channel, type PartyMasks, PartySession } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import type { LinkResult } from '../pairs.ts';
import type { ResolveProgram } from './program.ts';
import { countedDown } from './records.ts';
import { resolvedName, resolvePlan, stagesOf } from './resolve.ts';

/** What `RunSide.resolved` gives. */
export interface ResolveInput {
  readonly share: Uint8Array;
  readonly order: Uint32Array | undefined;
}

/** Pairs by a's number, then the first of b's. */
export type Resolved = LinkResult;

/**
 * One side of the last session of a run: `exchange`, `evaluate`, `end`, each once.
 *
 * Runs at: both parties. Learns: what the program opens to it, and nothing else: neither which bins met nor by which key.
 */
export class ResolveSession {
  readonly #program: ResolveProgram;
  readonly #index: number;
  readonly #engine: PartySession;
  readonly #name: (party: number) => string;

  constructor(options: {
    program: ResolveProgram;
    index: number;
    masks: PartyMasks;
    channel: Channel;
    kernels: Kernels;
    rng: Rng;
    name: (party: number) => string;
  }) {
    this.#program = options.program;
    this.#index = options.index;
    this.#name = options.name;
    this.#engine = new PartySession({ ...options, plan: resolvePlan(options.program) });
  }

  get sentBytes(): number {
    return this.#engine.sentBytes;
  }

  get receivedBytes(): number {
    return this.#engine.receivedBytes;
  }

  transcript(peer: number): readonly [Uint8Array, Uint8Array] {
    return this.#engine.transcript(peer);
  }

  exchange({ share, order }: ResolveInput, salt: Uint8Array): Promise<Uint8Array> {
    const own = { [`met/${this.#index}`]: share };
    return this.#engine.exchange(
      order === undefined ? own : { ...own, order: new Uint8Array(order.buffer, order.byteOffset, order.byteLength) },
      salt,
    );
  }

  /** Yields the share of the work that is done; last, what became known. */
  async *evaluate(answerKey?: AnswerKey): AsyncGenerator<number, Resolved> {
    const opened = new Map<string, Uint8Array>();
    const stages = this.#program.most * stagesOf(this.#program).length + 1;
    let done = 0;
    for await (const revealed of this.#engine.evaluate(answerKey)) {
      for (const { name, bytes } of revealed) opened.set(name, bytes);
      yield Math.min(1, ++done / stages);
    }
    const { to, reveal } = this.#program;
    if (!to.includes(this.#index)) return { kind: 'nothing' };
    const numbers = (name: string): Uint32Array => words(opened.get(name)!);
    return reveal === 'count' ? { kind: 'count', count: numbers('count')[0]! } : this.#pairs(numbers);
  }

  end(): void {
    this.#engine.end();
  }

  #pairs(numbers: (name: string) => Uint32Array): Resolved {
    const { rows, most } = this.#program;
    const found: number[][] = [[], []];
    for (const { from, size } of stagesOf(this.#program)) {
      const taken = Array.from({ length: most }, (_, i) => numbers(resolvedName(from, i)));
      for (let i = 0; i < size; i++) {
        for (const of of taken) {
          const number = of[i]!;
          if (number === 0) continue;
          if (number > rows[1]) throw this.#contradiction();
          found[0]!.push(from + i);
          found[1]!.push(countedDown(number, rows[1]));
        }
      }
    }
    return { kind: 'pairs', a: Uint32Array.from(found[0]!), b: Uint32Array.from(found[1]!) };
  }

  #contradiction(): Error {
    const culprit = this.#name(1 - this.#index);
    return fault(
      'frame-shape',
      'what was opened names a row that there is not: a party or the key service departed from the protocol',
      {
        culprit,
      },
    );
  }
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
