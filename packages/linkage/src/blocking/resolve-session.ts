import { fault, type Rng } from '@symbolon/crypto';
import { type AnswerKey, type Channel, type PartyMasks, PartySession, type Plan } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import type { LinkResult } from '../pairs.ts';
import { oneToOneNames, placeName } from './one-to-one.ts';
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
  readonly #plan: Plan;
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
    this.#plan = resolvePlan(options.program);
    this.#engine = new PartySession({ ...options, plan: this.#plan });
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

  /** @param input whose shares are overwritten: a resolve session is not tried again */
  async exchange({ share, order }: ResolveInput, salt: Uint8Array): Promise<Uint8Array> {
    const own = { [`met/${this.#index}`]: share };
    const inputs = order === undefined ? own : { ...own, order: bytesOf(order), ...this.#places() };
    try {
      return await this.#engine.exchange(inputs, salt);
    } finally {
      share.fill(0);
    }
  }

  /** Yields the share of the work that is done; last, what became known. */
  async *evaluate(answerKey?: AnswerKey): AsyncGenerator<number, Resolved> {
    const opened = new Map<string, Uint8Array>();
    const { length: stages } = this.#plan.stages;
    let done = 0;
    for await (const revealed of this.#engine.evaluate(answerKey)) {
      for (const { name, bytes } of revealed) opened.set(name, bytes);
      yield Math.min(1, ++done / stages);
    }
    const { to, reveal } = this.#program;
    if (!to.includes(this.#index)) return { kind: 'nothing' };
    const numbers = (name: string): Uint32Array => words(opened.get(name)!);
    if (reveal === 'count') return { kind: 'count', count: numbers('count')[0]! };
    return this.#program.cardinality === 'one-to-one' ? this.#single(numbers) : this.#pairs(numbers);
  }

  end(): void {
    this.#engine.end();
  }

  /** H's row numbers, counted from 1. */
  #places(): Record<string, Uint8Array> {
    const { cardinality, rows } = this.#program;
    if (cardinality !== 'one-to-one') return {};
    return { [placeName]: bytesOf(Uint32Array.from({ length: rows[0] }, (_, i) => i + 1)) };
  }

  /** What opened of one-to-one, each row once at most. */
  #single(numbers: (name: string) => Uint32Array): Resolved {
    const [rowsA, rowsB] = this.#program.rows;
    const partner = new Uint32Array(rowsA);
    const taken = new Uint8Array(rowsB + 1);
    const [a, b] = oneToOneNames.map(numbers) as [Uint32Array, Uint32Array];
    for (const [i, number] of b.entries()) {
      if (number === 0 && a[i] === 0) continue;
      const row = a[i]! - 1;
      if (row < 0 || row >= rowsA || partner[row] !== 0 || number === 0 || number > rowsB || taken[number])
        throw this.#contradiction();
      partner[row] = number;
      taken[number] = 1;
    }
    const found = Uint32Array.from(partner.keys()).filter((row) => partner[row] !== 0);
    return { kind: 'pairs', a: found, b: found.map((row) => countedDown(partner[row]!, rowsB)) };
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

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
