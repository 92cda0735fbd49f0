import type { Person } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import { searchKeys } from '../search/keys.ts';
import { type Found, findAlike } from '../search/search.ts';
import type { PatientCard, PatientCards } from './cards.ts';
import type { IdentityContext } from './context.ts';
import { membersOf } from './lead.ts';
import { comparableOf, textOf } from './person.ts';

/** A patient as administrators see one. */
export interface PatientInfo {
  /** The identity by which the patient is named. */
  readonly patient: number;
  readonly identities: readonly { readonly identity: number; readonly person: Person; readonly addedAt: string }[];
  readonly cards: readonly PatientCard[];
  /** Physicians who have used a ticket. */
  readonly physicians: readonly string[];
}

/** Patients, for the module's administrators. Nothing here is for physicians. */
export class Patients {
  readonly #context: IdentityContext;
  readonly #cards: PatientCards;

  constructor(context: IdentityContext, cards: PatientCards) {
    this.#context = context;
    this.#cards = cards;
  }

  /** Who is like a person, whatever was mistyped, the likest first. Throws `consent-identity` where there is too little to search by. */
  async search(person: Person, limit: number): Promise<Found[]> {
    const { fields } = this.#context;
    if (searchKeys(fields, comparableOf(fields, person)).length === 0) {
      throw fault('consent-identity', 'a search needs a date, a code or two names');
    }
    return findAlike(this.#context, person, { limit });
  }

  /** Throws `not-found`. */
  async show(patient: number): Promise<PatientInfo> {
    const { database } = this.#context;
    const rows = await database
      .selectFrom('identity')
      .select(['id', 'person', 'merged_into', 'added_at'])
      .where('id', 'in', membersOf(database, patient))
      .orderBy('id')
      .execute();
    if (!rows.some(({ id, merged_into }) => id === patient && merged_into === null)) throw unknown(patient);
    const relations = await database
      .selectFrom('relation')
      .select('physician')
      .distinct()
      .where('identity', 'in', membersOf(database, patient))
      .orderBy('physician')
      .execute();
    return {
      patient,
      identities: rows.map(({ id, person, added_at }) => ({
        identity: id,
        person: JSON.parse(person) as Person,
        addedAt: added_at,
      })),
      cards: await this.#cards.ofPatient(patient),
      physicians: relations.map(({ physician }) => physician),
    };
  }

  /** The pseudonym of a patient, for what the centre has to be told. Throws `not-found`. */
  async pseudonym(patient: number): Promise<Uint8Array> {
    const { fields, pseudonyms } = this.#context;
    const { identities } = await this.show(patient);
    const { person } = identities.find(({ identity }) => identity === patient)!;
    return (await pseudonyms.make([textOf(fields, person)]))[0]!;
  }

  /** Deletes all that is known of a patient: after the centre has deleted what it has. Throws `not-found`. */
  async erase(patient: number, by: string): Promise<void> {
    const { log, now } = this.#context;
    await this.show(patient);
    await log.append({ kind: 'patient-erased', patient, by, at: now().toISOString() }, async (transaction) => {
      const ids = (await membersOf(transaction, patient).execute()).map(({ id }) => id);
      await this.#deleteKeys(transaction, ids);
      // Those without an identity too, who was only typed in.
      const hashes = transaction.selectFrom('identity').select('hash').where('id', 'in', ids);
      const relations = transaction.selectFrom('relation').select('id').where('hash', 'in', hashes);
      for (const table of ['person_check', 'card_challenge'] as const) {
        await transaction.deleteFrom(table).where('relation', 'in', relations).execute();
      }
      await transaction.deleteFrom('relation').where('hash', 'in', hashes).execute();
      for (const table of ['pseudonym_tag', 'patient_card'] as const) {
        await transaction.deleteFrom(table).where('identity', 'in', ids).execute();
      }
      await transaction
        .deleteFrom('duplicate')
        .where(({ or, eb }) => or([eb('one', 'in', ids), eb('other', 'in', ids)]))
        .execute();
      await transaction.deleteFrom('identity').where('id', 'in', ids).execute();
    });
  }

  /** By the keys themselves: the index is by them, and has millions. */
  async #deleteKeys(database: Database, ids: number[]): Promise<void> {
    const { fields } = this.#context;
    const identities = await database.selectFrom('identity').select(['id', 'person']).where('id', 'in', ids).execute();
    const own = await database
      .selectFrom('relation')
      .select(['identity as id', 'person', 'physician'])
      .where('identity', 'in', ids)
      .execute();
    for (const { id, person, physician } of [...identities.map((one) => ({ ...one, physician: undefined })), ...own]) {
      const keys = searchKeys(fields, comparableOf(fields, JSON.parse(person) as Person), physician);
      if (keys.length === 0) continue;
      await database.deleteFrom('identity_key').where('identity', '=', id).where('key', 'in', keys).execute();
    }
  }
}

const unknown = (patient: number) =>
  fault('not-found', `no patient is named by identity ${patient}`, { culprit: 'patient' });
