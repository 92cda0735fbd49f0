import {
  type CardProof,
  cardCheckText,
  cardSigned,
  certifiedKey,
  comparable,
  type Operation,
  type Person,
  thumbprint,
} from '@symbolon/consent';
import { base64url, type CertificateSubject, fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { Authorities } from '../../common/authorities.ts';
import type { LoggedIn } from '../../common/logins.ts';
import type { Context } from '../context.ts';

const challengeMilliseconds = 2 * 60_000;
const checkMilliseconds = 10 * 60_000;

/** Before a ticket for these the person has to be verified: the central server asks no card that it knows, or a new one is registered. */
export const verifiedOperations = ['enrol', 'add-card', 'replace', 'withdraw', 'object', 'erase'] as const;
const isVerified = (operation: string): boolean => verifiedOperations.some((one) => one === operation);

/** What a person is verified for. */
export interface VerifiedFor {
  readonly relation: string;
  readonly operation: Operation;
  readonly installation: string;
}

/** That a person was verified: by the card of this thumbprint, or by an administrator if that is null. */
export interface Verified {
  readonly card: string | null;
}

type VerifiedRow = Omit<VerifiedFor, 'installation'> & {
  readonly installation: string | null;
  readonly card: string | null;
  readonly by: string;
  readonly until: number;
};

/** That a person is who a physician says, by the person's card or by an administrator: each time for one ticket. */
export class PersonChecks {
  readonly #context: Context;
  readonly #authorities: Authorities;

  /** @param authorities of patients' cards */
  constructor(context: Context, authorities: Authorities) {
    this.#context = context;
    this.#authorities = authorities;
  }

  /** A nonce for the patient's card, good for one operation. Throws `not-found` for a relation that is not this physician's. */
  async challenge(
    { physician, installation }: LoggedIn,
    relation: string,
    operation: Operation,
  ): Promise<{ challenge: string; nonce: string }> {
    const { database, identities, rng } = this.#context;
    await identities.relations.show(physician, relation);
    const [id, nonce] = [base64url(rng(16)), rng(32)];
    await database.deleteFrom('card_challenge').where('begun_at', '<=', this.#before(challengeMilliseconds)).execute();
    const row = { id, relation, operation, installation, nonce, begun_at: this.#before(0) };
    await database.insertInto('card_challenge').values(row).execute();
    return { challenge: id, nonce: base64url(nonce) };
  }

  /**
   * Holds that the card is there, is that of the person whom the physician named, and may be used. A card whose status nobody knows, or that has expired, is taken
   * and flagged: who is refused access to one's own records is in danger. Throws `not-found`, `card-refused`, `untrusted-certificate`, `bad-certificate`, `card-key`.
   */
  async check(
    { physician, installation }: LoggedIn,
    relation: string,
    { challenge, chain, signature }: CardProof,
  ): Promise<{ status: 'good' | 'unknown' | 'expired'; expires: number }> {
    const { registry, identities, log, alarms } = this.#context;
    const spellings = await identities.relations.spellings(physician, relation);
    const { operation, nonce } = await this.#take(challenge, relation, installation);
    const certificates = chain.map(fromBase64url);
    const [certificate] = certificates;
    const { status, subject } = this.#authorities.check(certificates, 'sign');
    const text = cardCheckText({ registry, installation, relation: fromBase64url(relation), operation, nonce });
    if (!cardSigned(certifiedKey(certificate!), text, fromBase64url(signature))) {
      throw refused('the signature is not of this card, for this request');
    }
    if (!spellings.some((person) => this.#isSame(person, subject))) {
      throw refused('the card is not that of the person who was named');
    }
    const card = thumbprint(certificate!);
    if (status === 'revoked') throw await this.#revoked(card);
    await this.#keep(relation, card);
    const until = this.#context.now().getTime() + checkMilliseconds;
    const by = `card at ${installation}`;
    const said = { by: physician, installation, relation, operation, status, at: this.#before(0) };
    await log.append({ kind: 'person-checked', ...said }, (transaction) =>
      this.#verified(transaction, { relation, operation, installation, card, by, until }),
    );
    if (status !== 'good') {
      const what = { alarm: 'card-status', patient: null, physician, installation, tellPatient: false };
      await alarms.raise({ ...what, text: `a patient's card was taken whose status is ${status}` });
    }
    return { status, expires: until };
  }

  /** An administrator knows that the person of a relation is who asks, without a card. Throws `not-found`. */
  async confirm(relation: string, operation: Operation, by: string): Promise<void> {
    const { database, log } = this.#context;
    const known = await database.selectFrom('relation').select('id').where('id', '=', relation).executeTakeFirst();
    if (known === undefined) throw fault('not-found', 'there is no such relation', { culprit: 'relation' });
    const until = this.#context.now().getTime() + checkMilliseconds;
    await log.append({ kind: 'person-confirmed', relation, operation, by, at: this.#before(0) }, (transaction) =>
      this.#verified(transaction, { relation, operation, installation: null, card: null, by, until }),
    );
  }

  /**
   * Holds that the person was verified for a ticket, at this installation or by an administrator, and not too long ago, where that is needed; {@link use} it up
   * with the ticket. Throws `person-unverified`. @param within a transaction, if it is to stay so @returns how; undefined where it was not, and need not be
   */
  async require(of: VerifiedFor, within: Database = this.#context.database): Promise<Verified | undefined> {
    const { relation, operation, installation } = of;
    const row = await within
      .selectFrom('person_check')
      .leftJoin('patient_card', 'thumbprint', 'card')
      .select(['installation', 'card'])
      .where('relation', '=', relation)
      .where('operation', '=', operation)
      .where('until_at', '>', this.#before(0))
      // Nor by a card that has ended meanwhile.
      .where(({ or, eb }) => or([eb('card', 'is', null), eb('patient_card.state', '=', 'active')]))
      .executeTakeFirst();
    const isHere = row !== undefined && (row.installation ?? installation) === installation;
    if (isHere) return { card: row.card };
    if (!isVerified(operation)) return undefined;
    throw fault('person-unverified', 'the person was not verified for this, or too long ago', { culprit: 'relation' });
  }

  /** The ticket is given: the next one needs the card, or the administrator, again. Throws `person-unverified` where another ticket was first. */
  async use(of: VerifiedFor, within: Database): Promise<void> {
    await this.require(of, within);
    const query = within.deleteFrom('person_check').where('relation', '=', of.relation);
    await query.where('operation', '=', of.operation).execute();
  }

  /** Each challenge is good for one answer. */
  async #take(
    id: string,
    relation: string,
    installation: string,
  ): Promise<{ operation: Operation; nonce: Uint8Array }> {
    const row = await this.#context.database
      .deleteFrom('card_challenge')
      .where('id', '=', id)
      .where('relation', '=', relation)
      .where('installation', '=', installation)
      .where('begun_at', '>', this.#before(challengeMilliseconds))
      .returning(['operation', 'nonce'])
      .executeTakeFirst();
    if (row !== undefined) return { operation: row.operation as Operation, nonce: row.nonce };
    throw refused('no such challenge is open for this relation', 'Ask for another one.');
  }

  /** Which part of the certificate differs, nobody is told. */
  #isSame(person: Person, subject: CertificateSubject): boolean {
    const { fields, patients } = this.#context.settings;
    return patients.subject.every(({ part, field, prefix = '' }) => {
      const { as } = fields.find((one) => one.field === field)!;
      const said = subject[part];
      if (said === undefined || !said.startsWith(prefix)) return false;
      const value = comparable(as, said.slice(prefix.length));
      return value !== undefined && value === comparable(as, person[field] ?? '');
    });
  }

  async #revoked(card: string): Promise<SymbolonError> {
    try {
      await this.#context.identities.cards.end(card, 'revoked');
    } catch (error) {
      if (!(error instanceof SymbolonError && error.code === 'not-found')) throw error;
    }
    return refused('the card was revoked by whoever issued it', 'Replace it: register the new card in its place.');
  }

  /** That the card may be somebody else's, who is known here, is for administrators to know. */
  async #keep(relation: string, card: string): Promise<void> {
    try {
      await this.#context.identities.cards.add(relation, card);
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      if (error.code === 'consent-identity') throw refused('the card is known with another person', error.hint);
      if (error.code === 'conflict') throw refused(error.message, error.hint);
      throw error;
    }
  }

  async #verified(within: Database, { until, ...check }: VerifiedRow): Promise<void> {
    const row = { ...check, until_at: new Date(until).toISOString() };
    await this.#context.identities.relations.shown(check.relation, within);
    await within.deleteFrom('person_check').where('until_at', '<=', this.#before(0)).execute();
    const { relation: _, operation: __, ...values } = row;
    await within
      .insertInto('person_check')
      .values(row)
      .onConflict((conflict) => conflict.columns(['relation', 'operation']).doUpdateSet(values))
      .execute();
  }

  #before(milliseconds: number): string {
    return new Date(this.#context.now().getTime() - milliseconds).toISOString();
  }
}

const refused = (why: string, hint?: string) => fault('card-refused', why, { culprit: 'card', hint });
