import type { Rng } from '@symbolon/crypto';
import type { AnswerKey, Channel, Masks, PartyMasks } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';

/** What a session costs, known before it runs. Bytes are payload; a is p0. */
export interface LinkCost {
  readonly rounds: number;
  /** From each party to the other. */
  readonly sentBytes: readonly [a: number, b: number];
  readonly answerKeyBytes: number;
  /** The party that the answer key is for. */
  readonly answerKeyTo: 0 | 1;
  /** Of one-time pads, by the party that has them. */
  readonly padBytes: readonly [a: number, b: number];
  /** Units of work, of progress. */
  readonly stages: number;
}

/** A one-time pad of a party; `node` is its number in the program. */
export interface LinkPad {
  readonly node: number;
  readonly bytes: number;
}

/** What the key service makes an answer key of. */
export interface DealOptions<Program> {
  readonly program: Program;
  readonly masks: readonly Masks[];
  readonly kernels: Kernels;
}

/** What a party opens a session with. */
export interface LinkOptions<Program> {
  readonly program: Program;
  /** 0: the owner of a, 1: of b. */
  readonly index: number;
  readonly masks: PartyMasks;
  readonly channel: Channel;
  readonly kernels: Kernels;
  readonly rng: Rng;
  readonly name: (party: number) => string;
  /** Gives others their turn between slices of work. */
  readonly pause: () => Promise<void>;
}

/**
 * One side of a session: `exchange`, then `evaluate`, then `end`; each once.
 *
 * Runs at: both parties. Learns: what its protocol opens.
 */
export interface LinkSession<Input, Result> {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** The frames so far with a peer, each way; equal at both. */
  transcript(peer: number): readonly [Uint8Array, Uint8Array];
  /** Masked data both ways. @param salt 32 fresh random bytes @returns the hash of all of it, which both sign */
  exchange(input: Input, salt: Uint8Array): Promise<Uint8Array>;
  /** Yields the share of the work that is done; last, the result. @param answerKey of the party that it is for */
  evaluate(answerKey?: AnswerKey): AsyncGenerator<number, Result>;
  /** Overwrites everything that the session held. */
  end(): void;
}

/** A protocol of two parties and the key service: what every role derives from a program of it. */
export interface Protocol<Program, Input, Result> {
  /** Reads a program that came from elsewhere. Strict: exactly its fields, canonical numbers, bounded work. Throws `plan-invalid`, naming the field. */
  parse(value: unknown): Program;
  cost(program: Program): LinkCost;
  /** How the full-length pads of a party are laid out in the stream that it gets. */
  pads(program: Program, owner: number): LinkPad[];
  /** The answer key, chunk by chunk. Runs at: the key service. Learns: nothing. */
  deal(options: DealOptions<Program>): Generator<Uint8Array>;
  open(options: LinkOptions<Program>): LinkSession<Input, Result>;
}
