import type { AnswerKey } from '@symbolon/engine';
import type { Program } from '@symbolon/service';
import type { Threads } from '@symbolon/service/threads';
import type { SessionGrant } from '../authorize.ts';

/** What a party asks the key service to open a session for. */
export interface KeyRequest {
  readonly grant: SessionGrant;
  readonly program: Program;
  /** 32 bytes, from all parties' parts. */
  readonly attempt: Uint8Array;
  readonly signal: AbortSignal;
}

/** What a party's masks are made of. Whoever is given it overwrites it. */
export interface SessionSecrets {
  /** 32 bytes each, by party: at this party's place its own seed, at another's that of the pair. */
  readonly seeds: readonly Uint8Array[];
  /** Full-length pads by their number in the program, where the agreement asks for them. */
  readonly pads: ReadonlyMap<number, Uint8Array> | undefined;
}

/** The one-time keys of a session, as they are in this process's memory and nowhere else. */
export interface SessionKeys {
  /** 32 bytes, checked to be the hash of all nonces, the own one among them. */
  readonly session: Uint8Array;
  /** Copies, which are the caller's to overwrite. Call it once, after the session is recorded as burned. */
  secrets(): Promise<SessionSecrets>;
  /**
   * For one party only, which the program names: the answer key, `bytes` in all, against all parties' signatures over the masked data.
   * @param signatures of p0 … pN−1
   */
  answerKey(dataHash: Uint8Array, signatures: readonly Uint8Array[], bytes: number): AnswerKey;
  /** Overwrites every seed. @param completed whether nothing more of this session will be asked for */
  end(completed: boolean): void;
}

/** What runs need of the server beside its context. */
export interface RunServer {
  readonly openSession: OpenSession;
  /** They compute sessions. */
  readonly threads: Threads;
}

/** Asks the key service that the grant names. */
export type OpenSession = (request: KeyRequest) => Promise<SessionKeys>;
