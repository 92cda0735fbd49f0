import type { AnswerKey } from '@symbolon/engine';
import type { LinkProgram } from '@symbolon/linkage';
import type { LinkGrant } from '../authorize.ts';

/** What a party asks the key service to open a session for. */
export interface KeyRequest {
  readonly grant: LinkGrant;
  readonly program: LinkProgram;
  /** 32 bytes, from both parties' halves. */
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
   * For one party only, which the program names: the answer key, `bytes` in all, against both parties' signatures over the masked data.
   * @param signatures of p0 and p1
   */
  answerKey(dataHash: Uint8Array, signatures: readonly [Uint8Array, Uint8Array], bytes: number): AnswerKey;
  /** Overwrites every seed. @param completed whether nothing more of this session will be asked for */
  end(completed: boolean): void;
}

/** Asks the key service that the grant names. */
export type OpenSession = (request: KeyRequest) => Promise<SessionKeys>;
