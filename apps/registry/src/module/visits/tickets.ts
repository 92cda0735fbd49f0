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
import { toldLeadOf, toldMembersOf } from '../identities/lead.ts';
import { namedPerson, textOf } from '../identities/person.ts';
import type { PersonChecks, Verified } from './person-checks.ts';

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
    const { person } = await identities.relations.show(physician, relation);
    const verified = { relation, operation, installation };
    const how = await this.#checks.require(verified);
    const [patient] = await identities.relations.use(physician, [relation]);
    const own = how === undefined ? undefined : this.#wrapKey(await this.#wrappedAs(how, person));
    const wrapKey = own ?? rng(32);
    // For who only types a name nothing opens under W, neither a pair nor a decoy: so nobody can tell them apart.
    const decoyKey = own ?? rng(32);
    const decoys = Array.from({ length: slots }, () => decoy(decoyKey, registry, rng));
    const expires = now().getTime() + settings.ticketMinutes * 60_000;
    const ticket = {
      ...{ ...registry, operation, certificate, institution, relation, expires },
      ...{ pseudonym: base64url(patient!.pseudonym), nonce: base64url(rng(16)), decoys: joinDecoys(decoys) },
    };
    const sealed = sealTicket(ticket, this.#key, fromBase64url(settings.centreKeys[0]!), rng);
    const at = now().toISOString();
    const event = { kind: 'ticket-given', physician, installation, institution, relation, operation, at };
    await log.append(event, (transaction) => this.#checks.use(verified, transaction));
    return { ticket: base64url(sealed), wrapKey: base64url(wrapKey), institution, expires };
  }

  /** Under whose W envelopes are for the card that was shown; where an administrator has vouched for the person, for the first one of this patient. */
  async #wrappedAs({ card }: Verified, typed: Person): Promise<string> {
    const { database, settings } = this.#context;
    const lead = await toldLeadOf(database, namedPerson(settings.fields, typed).hash);
    const cards = database
      .selectFrom('patient_card')
      .innerJoin('identity', 'identity.id', 'patient_card.wrapped_as')
      .select('identity.person');
    const row = await (card === null
      ? cards.where('patient_card.identity', 'in', toldMembersOf(database, lead?.id ?? 0))
      : cards.where('thumbprint', '=', card)
    )
      .orderBy('patient_card.added_at')
      .orderBy('thumbprint')
      .executeTakeFirst();
    return textOf(settings.fields, row === undefined ? typed : (JSON.parse(row.person) as Person));
  }

  /**
   * W, the patient's key of envelopes. It comes from who the patient is, as pseudonyms do, and not from a pseudonym: envelopes outlive a change of the pseudonyms'
   * key.
   */
  #wrapKey(identity: string): Uint8Array {
    return hkdf(this.#root, utf8(this.#context.registry.module), utf8(`symbolon consent W\n${identity}`), 32);
  }
}
