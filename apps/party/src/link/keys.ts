import type { AnswerKey, PartyMasks } from '@symbolon/engine';
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

/** The one-time keys of a session, as they are in this process's memory and nowhere else. */
export interface SessionKeys {
  /** 32 bytes, checked to be the hash of all nonces, the own one among them. */
  readonly session: Uint8Array;
  /** Masks from the seeds. Call it once, after the session is recorded as burned. */
  masks(): Promise<PartyMasks>;
  /**
   * For one party only, which the program names: the answer key, `bytes` in all, against both parties' signatures over the masked data.
   * @param signatures of p0 and p1
   */
  answerKey(dataHash: Uint8Array, signatures: readonly [Uint8Array, Uint8Array], bytes: number): AnswerKey;
  /** Overwrites every seed, pad and key of a mask. @param completed whether nothing more of this session will be asked for */
  end(completed: boolean): void;
}

/** Asks the key service that the grant names. */
export type OpenSession = (request: KeyRequest) => Promise<SessionKeys>;
