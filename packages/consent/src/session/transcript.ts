import { canonicalBytes, hashLabelled } from '@symbolon/crypto';
import type { Registry } from '../pair/envelope.ts';
import type { Asker } from './asker.ts';
import type { Operation } from './ticket.ts';

/** What a session of client and central server is about. Both have it; the health professional's card signs it. */
export interface Terms {
  readonly registry: Registry;
  readonly operation: Operation;
  readonly asker: Asker;
  /** Thumbprint of the health professional's certificate. */
  readonly certificate: string;
  /** Why records are read, or a card is replaced, or access is forced; at most 1,000 characters. */
  readonly purpose: string;
  /** Confidentiality groups that the patient consents to, ascending. */
  readonly groups: readonly string[];
  /** That the card's certificate is known to be good: what the client found, and when it looked. */
  readonly status: 'good' | 'unknown' | 'expired' | 'revoked' | 'none';
}

/** What came over the wire. */
export interface Exchanged {
  /** 16 bytes. */
  readonly session: Uint8Array;
  /** 32 bytes of the central server's. */
  readonly nonce: Uint8Array;
  /** X25519 keys of this session, 32 bytes each. */
  readonly serverKey: Uint8Array;
  readonly clientKey: Uint8Array;
  /** The envelopes that were offered; none where nothing was. */
  readonly offered: readonly Uint8Array[];
  /** The sealed new pairs; null where none are deployed. */
  readonly pairs: Uint8Array | null;
}

/** Names all of a session, 32 bytes. */
export function transcriptHash(terms: Terms, exchanged: Exchanged): Uint8Array {
  const { registry, asker, groups, ...rest } = terms;
  const { offered, pairs, session, nonce, serverKey, clientKey } = exchanged;
  const said = canonicalBytes({ ...rest, ...registry, ...asker, groups: [...groups] });
  return hashLabelled(
    'symbolon consent session',
    said,
    session,
    nonce,
    serverKey,
    clientKey,
    hashLabelled('symbolon consent offered', ...offered),
    pairs ?? new Uint8Array(),
  );
}

/**
 * What the health professional's card signs: the transcript and the exporter of the TLS connection (RFC 5705) that the answer goes through, so that
 * a relay cannot pass it on. After a reconnect it signs again, for the same challenge.
 */
export function signedByProfessional(transcript: Uint8Array, exporter: Uint8Array): Uint8Array {
  return hashLabelled('symbolon consent professional', transcript, exporter);
}

/** The label of that exporter. */
export const exporterLabel = 'EXPORTER-symbolon-consent';
