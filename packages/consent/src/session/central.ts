import {
  base64url,
  concat,
  equalBytes,
  fault,
  type HpkeRecipient,
  hkdf,
  hpkeOpen,
  hpkeOverhead,
  type Rng,
  type SoftwareKey,
  softwareKey,
  utf8,
} from '@symbolon/crypto';
import { type CardKey, cardSigned } from '../card/keys.ts';
import { envelopeBytes } from '../pair/envelope.ts';
import { deployedPairs, fingerprintOf, pairSecrets, secretBytes } from '../pair/pair.ts';
import { type Answer, type Challenge, pairsInfo, secretInfo } from './messages.ts';
import { sessionHas } from './rules.ts';
import { decoysOf, type Operation, slots, type Ticket } from './ticket.ts';
import { signedByProfessional, type Terms, transcriptHash } from './transcript.ts';

/** A pair as the central server keeps it: SHA-256 of K, and K″ in its envelope. */
export interface StoredPair {
  readonly id: string;
  readonly fingerprint: Uint8Array;
  readonly envelope: Uint8Array;
}

/** What an answer to a pair is held against. */
export type OfferedPair = Pick<StoredPair, 'id' | 'fingerprint'>;

/** An open session: committed before its challenge leaves, and answerable after a restart. */
export interface OpenSession {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly nonce: Uint8Array;
  readonly operation: Operation;
  /** By slot; the ids of pairs that are offered. */
  readonly offered: readonly (OfferedPair | undefined)[];
  /** The envelopes of the challenge, decoys among them. */
  readonly envelopes: readonly Uint8Array[];
}

/**
 * Opens a session. Where fewer pairs are offered than there are slots, or none because the patient is unknown, the module's decoys fill up.
 * Runs at: the central server. @param pairs by slot
 */
export function openSession(
  { operation, decoys }: Pick<Ticket, 'operation' | 'decoys'>,
  pairs: ReadonlyMap<number, StoredPair>,
  rng: Rng,
): OpenSession {
  const isChallenge = sessionHas[operation].challenge;
  const offered = Array.from({ length: isChallenge ? slots : 0 }, (_, slot) => pairs.get(slot));
  const unused = decoysOf({ decoys });
  return {
    id: rng(16),
    nonce: rng(32),
    operation,
    offered,
    envelopes: offered.map((pair, slot) => pair?.envelope ?? unused[slot]!),
  };
}

/** The challenge of an open session; the same whenever it is asked for. */
export function challengeOf(session: OpenSession, keys: SessionKeys): Challenge {
  const { id, nonce, envelopes } = session;
  return { session: id, nonce, serverKey: keys.of(session).publicKey, envelopes };
}

const rememberedKeys = 1000;

/** The server's X25519 keys of sessions: they come from its root and fresh randomness, so that no database holds them. The newest are remembered. */
export class SessionKeys {
  readonly #root: Uint8Array;
  readonly #known = new Map<string, SoftwareKey>();

  /** @param root the server's secret for session keys, 32 bytes */
  constructor(root: Uint8Array) {
    this.#root = root;
  }

  of({ id, nonce }: Pick<OpenSession, 'id' | 'nonce'>): SoftwareKey {
    const name = base64url(concat(id, nonce));
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const info = concat(utf8('symbolon consent session key '), id);
    const key = softwareKey('X25519', hkdf(this.#root, nonce, info, 32));
    if (this.#known.size >= rememberedKeys) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(name, key);
    return key;
  }
}

/** What came of an answer. */
export interface Accepted {
  /** The pair that the card answered for; undefined where nothing was offered. */
  readonly answered: OfferedPair | undefined;
  /** What to keep of the new pairs; null where none were deployed. */
  readonly deployed: readonly Omit<StoredPair, 'id'>[] | null;
  readonly transcript: Uint8Array;
}

/**
 * Checks an answer: the health professional's signature over all of the session and this connection, the K of an offered pair, the shape of new
 * pairs. What it returns goes into one transaction: retire all offered pairs, add the new ones, grant, log.
 * Throws `consent-refused`; the same whether the card was wrong or the patient unknown.
 *
 * Runs at: the central server. Learns: whether a card that deployed a pair of this pseudonym was there. Never a key or signature of it.
 */
export async function acceptAnswer(
  session: OpenSession,
  answer: Answer,
  by: Pick<Terms, 'registry' | 'asker' | 'certificate'> & { professional: CardKey; exporter: Uint8Array },
  keys: { centre: HpkeRecipient; sessionKeys: SessionKeys },
): Promise<Accepted> {
  const { registry, asker, certificate, professional, exporter } = by;
  const { operation, offered, envelopes } = session;
  requireShape(operation, answer);
  const own = keys.sessionKeys.of(session);
  const { purpose, groups, status, clientKey, pairs } = answer;
  const terms: Terms = { registry, operation, asker, certificate, purpose, groups, status };
  const exchanged = { ...session, session: session.id, serverKey: own.publicKey, clientKey, offered: envelopes, pairs };
  const transcript = transcriptHash(terms, exchanged);
  if (!equalBytes(answer.session, session.id)) throw refused('it is for another session');
  if (!cardSigned(professional, signedByProfessional(transcript, exporter), answer.signature)) {
    throw refused("the health professional's card has not signed this session and connection");
  }
  const answered =
    answer.secret === null ? undefined : await answeredPair(offered, answer.secret, transcript, keys.centre);
  const deployed = pairs === null ? null : await newPairs(session, own.dh(clientKey), pairs, keys.centre);
  return { answered, deployed, transcript };
}

function requireShape(operation: Operation, { secret, pairs, clientKey, purpose, groups }: Answer): void {
  const has = sessionHas[operation];
  const isWhole =
    clientKey.length === 32 &&
    (secret?.length ?? 0) === (has.challenge ? secretBytes + hpkeOverhead('X25519') : 0) &&
    (pairs?.length ?? 0) === (has.pairs ? deployedPairs * envelopeBytes + hpkeOverhead('X25519') : 0) &&
    purpose.length >= 1 &&
    purpose.length <= 1000 &&
    groups.every((group, i) => group.length <= 64 && (i === 0 || groups[i - 1]! < group));
  if (!isWhole) throw fault('frame-shape', `the answer does not have the shape of one to '${operation}'`);
}

/** Every offered pair is compared, and one that is not there too, so that time tells nothing. */
async function answeredPair(
  offered: OpenSession['offered'],
  sealed: Uint8Array,
  transcript: Uint8Array,
  centre: HpkeRecipient,
): Promise<OfferedPair> {
  const secret = await hpkeOpen(centre, sealed, { info: secretInfo, aad: transcript }).catch(() => {
    throw unanswered();
  });
  const fingerprint = fingerprintOf(secret);
  secret.fill(0);
  let found: OfferedPair | undefined;
  for (const pair of offered) {
    const same = equalBytes(pair?.fingerprint ?? new Uint8Array(32), fingerprint);
    if (same && pair !== undefined) found = pair;
  }
  if (found === undefined) throw unanswered();
  return found;
}

async function newPairs(
  session: OpenSession,
  shared: Uint8Array,
  sealed: Uint8Array,
  centre: HpkeRecipient,
): Promise<Omit<StoredPair, 'id'>[]> {
  const opened = await hpkeOpen(centre, sealed, { info: pairsInfo, aad: session.id }).catch(() => {
    throw refused('its new pairs were not sealed to this server for this session');
  });
  return pairSecrets(shared, { session: session.id, nonce: session.nonce }).map((secret, i) => {
    const envelope = opened.slice(i * envelopeBytes, (i + 1) * envelopeBytes);
    const fingerprint = fingerprintOf(secret);
    secret.fill(0);
    return { fingerprint, envelope };
  });
}

const unanswered = () => refused('no registered card of this patient answered');
const refused = (why: string) => fault('consent-refused', `the answer is refused: ${why}`);
