import type { StudyProgram } from '@symbolon/analytics';
import { type EncodeOptions, encodeUnit, type StudySession, studyProtocol } from '@symbolon/analytics';
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

/** What a study's session takes: the own tables, to be encoded in the thread. */
export type StudyOrder = EncodeOptions;

/** What a session of a program takes, as it goes over to a thread. */
export type SessionInput<Of extends Program> = Of extends LinkProgram ? InputOf<Of> : StudyOrder;

/** What a session of a program leaves at a party. */
export type SessionResult<Of extends Program> = Of extends LinkProgram ? ResultOf<Of> : ReadonlyMap<string, Uint8Array>;

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
  const opened =
    options.program.protocol === 'study/1'
      ? new EncodedStudy(options as SessionOptions<StudyProgram>)
      : openLinkSession(options as SessionOptions<LinkProgram>);
  return opened as ComputingSession<unknown, unknown> as ComputingSession<SessionInput<Of>, SessionResult<Of>>;
}

/** A study's session, which encodes the own tables as well. */
class EncodedStudy implements ComputingSession<StudyOrder, ReadonlyMap<string, Uint8Array>> {
  readonly #session: StudySession;

  constructor(options: SessionOptions<StudyProgram>) {
    this.#session = studyProtocol.open(options);
  }

  get sentBytes(): number {
    return this.#session.sentBytes;
  }

  get receivedBytes(): number {
    return this.#session.receivedBytes;
  }

  transcript(peer: number): readonly [Uint8Array, Uint8Array] {
    return this.#session.transcript(peer);
  }

  exchange(order: StudyOrder, salt: Uint8Array): Promise<Uint8Array> {
    return this.#session.exchange(encodeUnit(order), salt);
  }

  evaluate(answerKey?: AnswerKey): AsyncGenerator<number, ReadonlyMap<string, Uint8Array>> {
    return this.#session.evaluate(answerKey);
  }

  end(): void {
    this.#session.end();
  }
}
