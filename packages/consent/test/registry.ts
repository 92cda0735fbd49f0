import {
  base64url,
  ephemeralKey,
  generateSigningKey,
  hashLabelled,
  insecureTestRng,
  type Rng,
  utf8,
} from '@symbolon/crypto';
import {
  type Answer,
  type Asker,
  acceptAnswer,
  answerChallenge,
  type Card,
  type Challenge,
  challengeOf,
  choosePairs,
  type Draft,
  decoy,
  joinDecoys,
  type KnownPair,
  type OpenSession,
  type Operation,
  openSession,
  openTicket,
  SessionKeys,
  type StoredPair,
  sealTicket,
  signAnswer,
  slots,
  type Terms,
} from '../src/index.ts';
import { playedCard } from './cards.ts';

/** A pair in the played database. */
type Row = StoredPair & KnownPair & { offered: Asker[]; state: 'active' | 'retired' };

/** A physician with a health professional's card, at an institution. */
export interface Physician {
  readonly asker: Asker;
  readonly card: Card;
  readonly certificate: string;
}

/** A module and a central server over the pure steps, in memory: what their servers do around them, without network and database. */
export class PlayedRegistry {
  readonly registry = { server: 'centre', module: 'hips' };
  readonly rng: Rng;
  readonly centre;
  readonly sessionKeys: SessionKeys;
  readonly moduleKey;
  readonly wrapRoot: Uint8Array;
  readonly pairs = new Map<string, Row[]>();
  readonly open = new Map<string, { session: OpenSession; pseudonym: string; asker: Asker }>();
  readonly usedTickets = new Set<string>();
  now = 1_000_000;

  constructor(seed: string) {
    this.rng = insecureTestRng(seed);
    this.centre = ephemeralKey('X25519', this.rng);
    this.sessionKeys = new SessionKeys(this.rng(32));
    this.moduleKey = generateSigningKey(this.rng);
    this.wrapRoot = this.rng(32);
  }

  physician(physician: string, institution = `of ${physician}`): Physician {
    const asker = { physician, institution, installation: `pc of ${physician}` };
    return { asker, card: playedCard('P-256'), certificate: base64url(hashLabelled('a certificate', utf8(physician))) };
  }

  /** W of a patient. */
  wrapKey(patient: string): Uint8Array {
    return hashLabelled('W', this.wrapRoot, utf8(patient));
  }

  /** The module's ticket. */
  ticket(patient: string, by: Physician, operation: Operation): Uint8Array {
    const decoys = Array.from({ length: slots }, () => decoy(this.wrapKey(patient), this.registry, this.rng));
    const ticket = {
      ...this.registry,
      operation,
      certificate: by.certificate,
      institution: by.asker.institution,
      pseudonym: base64url(hashLabelled('pseudonym', utf8(patient))),
      relation: base64url(this.rng(16)),
      nonce: base64url(this.rng(16)),
      expires: this.now + 300_000,
      decoys: joinDecoys(decoys),
    };
    return sealTicket(ticket, this.moduleKey, this.centre.publicKey, this.rng);
  }

  /** The central server takes a ticket. */
  async start(sealed: Uint8Array, by: Physician): Promise<Challenge> {
    const expected = {
      registry: this.registry,
      moduleKey: this.moduleKey.publicKey,
      certificate: by.certificate,
      now: this.now,
    };
    const ticket = await openTicket(sealed, expected, this.centre);
    if (this.usedTickets.has(ticket.nonce)) throw new Error('a ticket twice');
    this.usedTickets.add(ticket.nonce);
    const known = (this.pairs.get(ticket.pseudonym) ?? []).filter(({ state }) => state === 'active');
    const chosen = choosePairs(known, by.asker, this.rng);
    const offered = new Map([...chosen].map(([slot, { pair }]) => [slot, pair]));
    const session = openSession(ticket, offered, this.rng);
    for (const pair of session.offered) (pair as Row | undefined)?.offered.push(by.asker);
    this.open.set(base64url(session.id), { session, pseudonym: ticket.pseudonym, asker: by.asker });
    return challengeOf(session, this.sessionKeys);
  }

  /** The central server takes an answer: what would be one transaction. */
  async finish(answer: Answer, by: Physician, exporter: Uint8Array): Promise<{ granted: boolean }> {
    const id = base64url(answer.session);
    const open = this.open.get(id);
    if (open === undefined) throw new Error('no such session');
    const { registry, sessionKeys, centre } = this;
    const who = { registry, asker: open.asker, certificate: by.certificate, professional: by.card.signing, exporter };
    const accepted = await acceptAnswer(open.session, answer, who, { centre, sessionKeys });
    this.open.delete(id);
    const rows = this.pairs.get(open.pseudonym) ?? [];
    for (const pair of open.session.offered) if (pair !== undefined) (pair as Row).state = 'retired';
    const slot = (accepted.answered as Row | undefined)?.slot ?? 0;
    for (const [i, pair] of (accepted.deployed ?? []).entries()) {
      rows.push({ ...pair, id: `${id}/${i}`, slot, deployer: open.asker, offered: [], state: 'active' });
    }
    this.pairs.set(open.pseudonym, rows);
    return { granted: accepted.answered !== undefined };
  }

  terms(by: Physician, operation: Operation): Terms {
    const { registry } = this;
    const { asker, certificate } = by;
    return { registry, operation, asker, certificate, purpose: 'treatment', groups: ['general'], status: 'good' };
  }

  /** The client's part. */
  async draft(
    patient: string,
    by: Physician,
    operation: Operation,
    card: Card | undefined,
    challenge: Challenge,
  ): Promise<Draft> {
    const { rng, centre } = this;
    const client = {
      terms: this.terms(by, operation),
      card,
      wrapKey: this.wrapKey(patient),
      centre: centre.publicKey,
      rng,
    };
    return answerChallenge(client, challenge);
  }

  /** A whole visit. */
  async visit(patient: string, by: Physician, operation: Operation, card?: Card): Promise<{ granted: boolean }> {
    const challenge = await this.start(this.ticket(patient, by, operation), by);
    const draft = await this.draft(patient, by, operation, card, challenge);
    return this.finish(await signAnswer(draft, by.card, connection), by, connection);
  }
}

/** The exporter of the one connection that tests use unless they say otherwise. */
export const connection: Uint8Array = hashLabelled('a connection');
