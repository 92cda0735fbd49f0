import type { Rng } from '@symbolon/crypto';
import type { AnswerKey, Channel, PartyMasks } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import { type InputOf, type LinkProgram, openLinkSession, type ResultOf } from '@symbolon/linkage';
import type { Program } from '@symbolon/service/threads';

/** What a thread opens a session with. */
export interface SessionOptions<Of> {
  readonly program: Of;
  readonly index: number;
  readonly masks: PartyMasks;
  readonly channel: Channel;
  readonly kernels: Kernels;
  readonly rng: Rng;
  readonly name: (party: number) => string;
  /** Gives others their turn between slices of work. */
  readonly pause: () => Promise<void>;
}

/** What a session of a program takes, as it goes over to a thread. */
export type SessionInput<Of extends Program> = Of extends LinkProgram ? InputOf<Of> : never;

/** What a session of a program leaves at a party. */
export type SessionResult<Of extends Program> = Of extends LinkProgram ? ResultOf<Of> : never;

/** One side of a session: `exchange`, then `evaluate`, then `end`; each once. */
export interface ComputingSession<Input, Result> {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  transcript(peer: number): readonly [Uint8Array, Uint8Array];
  exchange(input: Input, salt: Uint8Array): Promise<Uint8Array>;
  evaluate(answerKey?: AnswerKey): AsyncGenerator<number, Result>;
  end(): void;
}

/** Opens a session of whatever kind its program is of. A new kind is added here. */
export function openComputing<Of extends Program>(
  options: SessionOptions<Of>,
): ComputingSession<SessionInput<Of>, SessionResult<Of>> {
  const opened = openLinkSession(options as SessionOptions<Program> as SessionOptions<LinkProgram>);
  return opened as ComputingSession<unknown, unknown> as ComputingSession<SessionInput<Of>, SessionResult<Of>>;
}
