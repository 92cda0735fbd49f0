import type { StudyProgram } from '@symbolon/analytics';
import { type EncodeOptions, encodeUnit, type StudySession, studyProtocol } from '@symbolon/analytics';
import type { AnswerKey } from '@symbolon/engine';
import {
  type InputOf,
  type LinkOptions,
  type LinkProgram,
  type LinkSession,
  openLinkSession,
  type ResultOf,
} from '@symbolon/linkage';
import type { Program } from '@symbolon/service/threads';

/** What a study's session takes: the own tables, to be encoded in the thread. */
export type StudyOrder = EncodeOptions;

/** What a session of a program takes, as it goes over to a thread. */
export type SessionInput<Of extends Program> = Of extends LinkProgram ? InputOf<Of> : StudyOrder;

/** What a session of a program leaves at a party. */
export type SessionResult<Of extends Program> = Of extends LinkProgram ? ResultOf<Of> : ReadonlyMap<string, Uint8Array>;

/** Opens a session of whatever kind its program is of. A new kind is added here. */
export function openComputing<Of extends Program>(
  options: LinkOptions<Of>,
): LinkSession<SessionInput<Of>, SessionResult<Of>> {
  const opened =
    options.program.protocol === 'study/1'
      ? new EncodedStudy(options as LinkOptions<StudyProgram>)
      : openLinkSession(options as LinkOptions<LinkProgram>);
  return opened as LinkSession<unknown, unknown> as LinkSession<SessionInput<Of>, SessionResult<Of>>;
}

/** A study's session, which encodes the own tables as well. */
class EncodedStudy implements LinkSession<StudyOrder, ReadonlyMap<string, Uint8Array>> {
  readonly #session: StudySession;

  constructor(options: LinkOptions<StudyProgram>) {
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
