import {
  decoy,
  joinDecoys,
  type Operation,
  type Person,
  sealTicket,
  slots,
  type TicketAnswer,
} from '@symbolon/consent';
import { base64url, fromBase64url, hkdf, type SigningKey, utf8 } from '@symbolon/crypto';
import type { LoggedIn } from '../../common/logins.ts';
import type { Context } from '../context.ts';
import { leadOf, membersOf } from '../identities/lead.ts';
import { namedPerson, textOf } from '../identities/person.ts';
import type { PersonChecks } from './person-checks.ts';

/** Operations for which the person has to be verified here first: the central server asks no card that it knows, or a new one is registered. */
const verified: readonly Operation[] = ['enrol', 'add-card', 'replace', 'withdraw', 'object', 'erase'];

/**
 * Tickets: what the module says of a patient to the central server, sealed to it. Whether the patient is known there or here changes nothing of what is done, nor
 * of what leaves.
 */
export class Tickets {
  readonly #context: Context;
  readonly #checks: PersonChecks;
  readonly #key: SigningKey;
  readonly #root: Uint8Array;

  /** @param keys.signing what tickets are signed with @param keys.wrapRoot what every patient's W comes from, 32 bytes */
  constructor(context: Context, checks: PersonChecks, keys: { signing: SigningKey; wrapRoot: Uint8Array }) {
    this.#context = context;
    this.#checks = checks;
    this.#key = keys.signing;
    this.#root = keys.wrapRoot;
  }

  /** Throws `not-found` for a relation that is not this physician's, and `person-unverified`. */
  async give(
    { physician, installation, certificate }: LoggedIn,
    institution: string,
    relation: string,
    operation: Operation,
  ): Promise<TicketAnswer> {
    const { registry, settings, identities, log, rng, now } = this.#context;
    await identities.relations.show(physician, relation);
    if (verified.includes(operation)) await this.#checks.require(relation, installation);
    const [patient] = await identities.relations.use(physician, [relation]);
    const wrapKey = this.#wrapKey(await this.#enrolledAs(patient!.person));
    const decoys = Array.from({ length: slots }, () => decoy(wrapKey, registry, rng));
    const expires = now().getTime() + settings.ticketMinutes * 60_000;
    const ticket = {
      ...{ ...registry, operation, certificate, institution, relation, expires },
      ...{ pseudonym: base64url(patient!.pseudonym), nonce: base64url(rng(16)), decoys: joinDecoys(decoys) },
    };
    const sealed = sealTicket(ticket, this.#key, fromBase64url(settings.centreKeys[0]!), rng);
    const at = now().toISOString();
    await log.append({ kind: 'ticket-given', physician, installation, institution, relation, operation, at });
    return { ticket: base64url(sealed), wrapKey: base64url(wrapKey), institution, expires };
  }

  /**
   * Of identities that were merged, that which has shown a card first: what is sealed to that card is under its key. A card that another of them had shown before
   * is registered again. The same statements for whoever is known or not.
   */
  async #enrolledAs(named: Person): Promise<string> {
    const { database, settings } = this.#context;
    const { hash, text } = namedPerson(settings.fields, named);
    const lead = (await leadOf(database, hash))?.id ?? 0;
    const row = await database
      .selectFrom('patient_card')
      .innerJoin('identity', 'identity.id', 'patient_card.identity')
      .select('identity.person')
      .where('identity.id', 'in', membersOf(database, lead))
      .orderBy('patient_card.added_at')
      .executeTakeFirst();
    return row === undefined ? text : textOf(settings.fields, JSON.parse(row.person) as Person);
  }

  /**
   * W, the patient's key of envelopes. It comes from who the patient is, as pseudonyms do, and not from a pseudonym: envelopes outlive a change of the pseudonyms'
   * key.
   */
  #wrapKey(identity: string): Uint8Array {
    return hkdf(this.#root, utf8(this.#context.registry.module), utf8(`symbolon consent W\n${identity}`), 32);
  }
}
