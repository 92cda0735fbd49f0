import {
  type CardProof,
  cardCheckText,
  cardSigned,
  certifiedKey,
  comparable,
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

/** That a person is who a physician says, by the person's card or by an administrator. */
export class PersonChecks {
  readonly #context: Context;
  readonly #authorities: Authorities;

  /** @param authorities of patients' cards */
  constructor(context: Context, authorities: Authorities) {
    this.#context = context;
    this.#authorities = authorities;
  }

  /** A nonce for the patient's card. Throws `not-found` for a relation that is not this physician's. */
  async challenge(
    { physician, installation }: LoggedIn,
    relation: string,
  ): Promise<{ challenge: string; nonce: string }> {
    const { database, identities, rng } = this.#context;
    await identities.relations.show(physician, relation);
    const [id, nonce] = [base64url(rng(16)), rng(32)];
    await database.deleteFrom('card_challenge').where('begun_at', '<=', this.#before(challengeMilliseconds)).execute();
    const row = { id, relation, installation, nonce, begun_at: this.#before(0) };
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
    const { person } = await identities.relations.show(physician, relation);
    const nonce = await this.#take(challenge, relation, installation);
    const certificates = chain.map(fromBase64url);
    const [certificate] = certificates;
    const { status, subject } = this.#authorities.check(certificates, 'sign');
    const text = cardCheckText({ registry, installation, relation: fromBase64url(relation), nonce });
    if (!cardSigned(certifiedKey(certificate!), text, fromBase64url(signature))) {
      throw refused('the signature is not of this card, for this request');
    }
    this.#requireSame(person, subject);
    const card = thumbprint(certificate!);
    if (status === 'revoked') throw await this.#revoked(card);
    await this.#keep(relation, card);
    const until = this.#context.now().getTime() + checkMilliseconds;
    const by = `card at ${installation}`;
    const event = { kind: 'person-checked', by: physician, installation, relation, status, at: this.#before(0) };
    await log.append(event, (transaction) => this.#verified(transaction, { relation, installation, by, until }));
    if (status !== 'good') {
      const what = { alarm: 'card-status', patient: null, physician, installation, tellPatient: false };
      await alarms.raise({ ...what, text: `a patient's card was taken whose status is ${status}` });
    }
    return { status, expires: until };
  }

  /** An administrator knows that the person of a relation is who asks, without a card. Throws `not-found`. */
  async confirm(relation: string, by: string): Promise<void> {
    const { database, log } = this.#context;
    const known = await database.selectFrom('relation').select('id').where('id', '=', relation).executeTakeFirst();
    if (known === undefined) throw fault('not-found', 'there is no such relation', { culprit: 'relation' });
    const until = this.#context.now().getTime() + checkMilliseconds;
    await log.append({ kind: 'person-confirmed', relation, by, at: this.#before(0) }, (transaction) =>
      this.#verified(transaction, { relation, installation: null, by, until }),
    );
  }

  /** Throws `person-unverified` unless the person was verified, at this installation or by an administrator, and that counts still. */
  async require(relation: string, installation: string): Promise<void> {
    const row = await this.#context.database
      .selectFrom('person_check')
      .select('installation')
      .where('relation', '=', relation)
      .where('until_at', '>', this.#before(0))
      .executeTakeFirst();
    if (row !== undefined && (row.installation ?? installation) === installation) return;
    throw fault('person-unverified', 'the person was not verified, or too long ago', { culprit: 'relation' });
  }

  /** Each challenge is good for one answer. */
  async #take(id: string, relation: string, installation: string): Promise<Uint8Array> {
    const row = await this.#context.database
      .deleteFrom('card_challenge')
      .where('id', '=', id)
      .where('relation', '=', relation)
      .where('installation', '=', installation)
      .where('begun_at', '>', this.#before(challengeMilliseconds))
      .returning('nonce')
      .executeTakeFirst();
    if (row !== undefined) return row.nonce;
    throw refused('no such challenge is open for this relation', 'Ask for another one.');
  }

  /** Which part of the certificate differs, nobody is told. */
  #requireSame(person: Person, subject: CertificateSubject): void {
    const { fields, patients } = this.#context.settings;
    const isSame = patients.subject.every(({ part, field, prefix = '' }) => {
      const { as } = fields.find((one) => one.field === field)!;
      const said = subject[part];
      if (said === undefined || !said.startsWith(prefix)) return false;
      const value = comparable(as, said.slice(prefix.length));
      return value !== undefined && value === comparable(as, person[field] ?? '');
    });
    if (!isSame) throw refused('the card is not that of the person who was named');
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

  async #verified(
    within: Database,
    { until, ...check }: { relation: string; installation: string | null; by: string; until: number },
  ): Promise<void> {
    const row = { ...check, until_at: new Date(until).toISOString() };
    await within.deleteFrom('person_check').where('until_at', '<=', this.#before(0)).execute();
    const { relation: _, ...values } = row;
    await within
      .insertInto('person_check')
      .values(row)
      .onConflict((conflict) => conflict.column('relation').doUpdateSet(values))
      .execute();
  }

  #before(milliseconds: number): string {
    return new Date(this.#context.now().getTime() - milliseconds).toISOString();
  }
}

const refused = (why: string, hint?: string) => fault('card-refused', why, { culprit: 'card', hint });
