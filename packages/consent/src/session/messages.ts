import { utf8 } from '@symbolon/crypto';
import type { Terms } from './transcript.ts';

/** Central server to client: answers a ticket, the same in shape and size for every patient, known or not. */
export interface Challenge {
  /** 16 bytes. */
  readonly session: Uint8Array;
  /** 32 bytes. */
  readonly nonce: Uint8Array;
  /** X25519, 32 bytes. */
  readonly serverKey: Uint8Array;
  /** `slots` envelopes where the card has to answer, else none: see `sessionHas`. */
  readonly envelopes: readonly Uint8Array[];
}

/** Client to central server: ends a session. */
export interface Answer {
  readonly session: Uint8Array;
  readonly clientKey: Uint8Array;
  readonly purpose: Terms['purpose'];
  readonly groups: Terms['groups'];
  readonly status: Terms['status'];
  /** K, sealed to the central server for this session (the paper's M, §5.2); null where nothing was offered. */
  readonly secret: Uint8Array | null;
  /** The K″ of new pairs, sealed to the central server (the paper's K‴, §5.1); null where none are deployed. */
  readonly pairs: Uint8Array | null;
  /** Of the health professional's card. */
  readonly signature: Uint8Array;
}

/** What the sealed parts of an answer are for. */
export const secretInfo = utf8('symbolon consent answer');
export const pairsInfo = utf8('symbolon consent pairs');
