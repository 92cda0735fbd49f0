import { concat, ephemeralKey, fault, hpkeSeal, type Rng } from '@symbolon/crypto';
import type { Card } from '../card/keys.ts';
import { envelopeBytes } from '../pair/envelope.ts';
import { makePair, openPair, pairSecrets } from '../pair/pair.ts';
import { type Answer, type Challenge, pairsInfo, secretInfo } from './messages.ts';
import { sessionHas } from './rules.ts';
import { slots } from './ticket.ts';
import { type Exchanged, signedByProfessional, type Terms, transcriptHash } from './transcript.ts';

/** What the client works with. */
export interface Client {
  readonly terms: Terms;
  /** The patient's card; absent where access is forced. */
  readonly card: Card | undefined;
  /** The card that new pairs are for, where it is another: only to add a card. */
  readonly newCard?: Card;
  /** W of the patient, from the module. */
  readonly wrapKey: Uint8Array;
  /** The central server's public key (X25519), pinned. */
  readonly centre: Uint8Array;
  readonly rng: Rng;
}

/** An answer but for the signature of the health professional's card, which also covers the connection that it goes through. */
export interface Draft {
  readonly answer: Omit<Answer, 'signature'>;
  readonly transcript: Uint8Array;
}

/**
 * Answers a challenge: opens one of the offered pairs with the card, makes new pairs with it (5.2 and 5.3 in one message), or makes the first.
 * Throws `consent-unanswered` if the card answers for none, the same whatever is wrong; `frame-shape` for a challenge that is none.
 *
 * Runs at: the physician's client. Learns: the K of the pair that was used up, and those of the pairs that it deploys.
 */
export async function answerChallenge(client: Client, challenge: Challenge): Promise<Draft> {
  const { terms, centre, rng } = client;
  requireShape(terms, challenge);
  const { session, nonce, serverKey, envelopes: offered } = challenge;
  const secret = sessionHas[terms.operation].challenge ? await openOne(client, offered) : undefined;
  const own = ephemeralKey('X25519', rng);
  const pairs = sessionHas[terms.operation].pairs ? await newPairs(client, challenge, own.dh(serverKey)) : null;
  const exchanged: Exchanged = { session, nonce, serverKey, clientKey: own.publicKey, offered, pairs };
  const transcript = transcriptHash(terms, exchanged);
  const sealed =
    secret === undefined
      ? null
      : hpkeSeal({ kem: 'X25519', publicKey: centre }, secret, { info: secretInfo, aad: transcript }, rng);
  secret?.fill(0);
  const { purpose, groups, status } = terms;
  return { answer: { session, clientKey: own.publicKey, purpose, groups, status, secret: sealed, pairs }, transcript };
}

/** Signs an answer for the connection that it goes through. Runs at: the client, with the health professional's card. */
export async function signAnswer(
  { answer, transcript }: Draft,
  professional: Card,
  exporter: Uint8Array,
): Promise<Answer> {
  return { ...answer, signature: await professional.sign(signedByProfessional(transcript, exporter)) };
}

function requireShape({ operation }: Terms, { session, nonce, serverKey, envelopes }: Challenge): void {
  const offered = sessionHas[operation].challenge ? slots : 0;
  const isWhole =
    session.length === 16 &&
    nonce.length === 32 &&
    serverKey.length === 32 &&
    envelopes.length === offered &&
    envelopes.every(({ length }) => length === envelopeBytes);
  if (!isWhole) throw fault('frame-shape', 'the challenge of the central server is malformed');
}

/** All are tried, whichever opens, so that time does not tell which card it is. */
async function openOne(client: Client, envelopes: readonly Uint8Array[]): Promise<Uint8Array> {
  const { wrapKey, terms } = client;
  const card = requireCard(client);
  let found: Uint8Array | undefined;
  for (const envelope of envelopes) {
    const secret = await openPair(card, envelope, { registry: terms.registry, wrapKey }).catch(() => undefined);
    found ??= secret;
  }
  if (found === undefined) throw fault('consent-unanswered', 'this card does not answer for this patient');
  return found;
}

async function newPairs(client: Client, challenge: Challenge, shared: Uint8Array): Promise<Uint8Array> {
  const { terms, wrapKey, centre, rng } = client;
  const card = client.newCard ?? requireCard(client);
  const envelopes: Uint8Array[] = [];
  for (const secret of pairSecrets(shared, challenge)) {
    envelopes.push(await makePair(card, secret, { registry: terms.registry, wrapKey, rng }));
    secret.fill(0);
  }
  const context = { info: pairsInfo, aad: challenge.session };
  return hpkeSeal({ kem: 'X25519', publicKey: centre }, concat(...envelopes), context, rng);
}

function requireCard({ card }: Client): Card {
  if (card === undefined) throw fault('consent-unanswered', 'a card of the patient is needed');
  return card;
}
