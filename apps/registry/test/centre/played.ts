import {
  answerChallenge,
  type Card,
  type Challenge,
  type Draft,
  decoy,
  joinDecoys,
  type Operation,
  openPair,
  sealTicket,
  sessionHas,
  slots,
  type Terms,
} from '@symbolon/consent';
import { base64url, hashLabelled, hex, type Rng, utf8 } from '@symbolon/crypto';
import type { Home } from '@symbolon/service';
import { playedCard } from '../../../../packages/consent/test/cards.ts';
import type { Professional } from '../../src/centre/sessions/professional.ts';

/** A physician with a health professional's card. */
export interface Physician extends Professional {
  readonly card: Card;
}

/** What module and clients do, played: tickets of any kind, and answers to challenges. */
export abstract class Played {
  abstract readonly module: Home;
  abstract readonly rng: Rng;
  /** Milliseconds since 1970. */
  abstract now(): number;
  /** The centre's public key. */
  abstract centreKey(): Uint8Array;

  physician(physician: string, institution = `of ${physician}`, installation = `pc of ${physician}`): Physician {
    const card = playedCard('P-256');
    const certificate = base64url(hashLabelled('a certificate', utf8(physician)));
    return { physician, institution, installation, module: 'hips', certificate, key: card.signing, card };
  }

  /** W of a patient. */
  wrapKey(patient: string): Uint8Array {
    return hashLabelled('W', utf8(patient));
  }

  pseudonym(patient: string): string {
    return base64url(hashLabelled('pseudonym', utf8(patient)));
  }

  relation(patient: string, { physician }: Pick<Physician, 'physician'>): string {
    return base64url(hashLabelled('relation', utf8(patient), utf8(physician)).slice(0, 16));
  }

  /** The module's ticket. @param change what a dishonest module says */
  ticket(patient: string, by: Physician, operation: Operation, change: object = {}): Uint8Array {
    const { rng, module } = this;
    const registry = this.registry(by);
    const decoys = Array.from({ length: slots }, () => decoy(this.wrapKey(patient), registry, rng));
    const ticket = {
      ...registry,
      operation,
      certificate: by.certificate,
      institution: by.institution,
      pseudonym: this.pseudonym(patient),
      relation: this.relation(patient, by),
      nonce: base64url(rng(16)),
      expires: this.now() + 300_000,
      decoys: joinDecoys(decoys),
      ...change,
    };
    return sealTicket(ticket, module.signingKey, this.centreKey(), rng);
  }

  registry({ module }: Pick<Physician, 'module'>) {
    return { server: 'centre', module };
  }

  terms(by: Physician, operation: Operation, said: Partial<Terms> = {}): Terms {
    const { physician, institution, installation, certificate } = by;
    const has = sessionHas[operation];
    return {
      registry: this.registry(by),
      operation,
      asker: { physician, institution, installation },
      certificate,
      purpose: 'treatment',
      groups: ['general'],
      status: has.challenge || has.pairs ? 'good' : 'none',
      ...said,
    };
  }

  /** The client's part of a session. */
  draft(
    patient: string,
    by: Physician,
    of: { operation: Operation; card: Card | undefined; newCard?: Card | undefined; said?: Partial<Terms> | undefined },
    challenge: Challenge,
    centre: Uint8Array = this.centreKey(),
  ): Promise<Draft> {
    const { operation, card, newCard, said } = of;
    const client = {
      terms: this.terms(by, operation, said),
      card,
      ...(newCard === undefined ? {} : { newCard }),
      wrapKey: this.wrapKey(patient),
      centre,
      rng: this.rng,
    };
    return answerChallenge(client, challenge);
  }

  /** K of the pair that a card opens, in hexadecimal: a pair that is used twice shows by it. */
  async secretIn(patient: string, by: Physician, card: Card, { envelopes }: Challenge): Promise<string> {
    for (const envelope of envelopes) {
      const of = { registry: this.registry(by), wrapKey: this.wrapKey(patient) };
      const secret = await openPair(card, envelope, of).catch(() => undefined);
      if (secret !== undefined) return hex(secret);
    }
    throw new Error('the card opens nothing');
  }
}
