import { mostOfBatch, type Person } from '@symbolon/consent';
import { base64url, fault, SymbolonError } from '@symbolon/crypto';
import type { Database, PageQuery } from '@symbolon/service';
import { findOwn } from '../search/search.ts';
import type { IdentityContext } from './context.ts';
import { toldLeadOf, toldMembersOf } from './lead.ts';
import { type NamedPerson, namedPerson, textOf } from './person.ts';
import type { Settler } from './settler.ts';

/** A person whom a physician has named, as this physician typed it: what others typed of the same patient, nobody learns here. */
export interface RelationInfo {
  readonly relation: string;
  readonly person: Person;
}

/** What tickets are made of: nothing for physicians. */
export interface Pseudonymous {
  readonly relation: string;
  /** As the patient is named here, by whoever did so first. */
  readonly person: Person;
  /** 32 bytes. */
  readonly pseudonym: Uint8Array;
}

const mostSuggestions = 10;
const rowsAtOnce = 100;

/**
 * Whom physicians have named: one internal id for each pair of physician and patient, random, 16 bytes in base64url. What physicians ask here does the same
 * work whether a person is known or not: the same statements, the same pseudonyms. What depends on others' patients is done later, by {@link Settler}.
 */
export class Relations {
  readonly #context: IdentityContext;
  readonly #settler: Settler;

  constructor(context: IdentityContext, settler: Settler) {
    this.#context = context;
    this.#settler = settler;
  }

  /**
   * The relation to a person, and own patients who are like it and may be whom the physician means. Throws `consent-identity`.
   * Nothing becomes of one that no ticket is asked for.
   */
  async of(physician: string, person: Person): Promise<{ relation: string; suggestions: RelationInfo[] }> {
    const { fields } = this.#context;
    const named = namedPerson(fields, person);
    const relation = await this.#relationOf(physician, named);
    const own = await findOwn(this.#context, physician, named.person);
    return { relation, suggestions: own.filter((one) => one.relation !== relation).slice(0, mostSuggestions) };
  }

  /** The relations to many persons, in their order, without suggestions. Throws `consent-identity` naming which person and field. */
  async ofMany(physician: string, persons: readonly Person[]): Promise<string[]> {
    if (persons.length > mostOfBatch) throw new RangeError(`${persons.length} persons at once`);
    const { database, fields } = this.#context;
    const named = persons.map((person, i) => inPlace(i, () => namedPerson(fields, person)));
    const rows = named.map((one) => this.#typed(physician, one));
    await database.transaction().execute(async (transaction) => {
      for (let at = 0; at < rows.length; at += rowsAtOnce) {
        await transaction
          .insertInto('relation')
          .values(rows.slice(at, at + rowsAtOnce))
          .onConflict((conflict) => conflict.columns(['physician', 'hash']).doNothing())
          .execute();
      }
    });
    const hashes = named.map(({ hash }) => hash);
    const typed = await database
      .selectFrom('relation')
      .select(['id', 'hash'])
      .where('physician', '=', physician)
      .where('hash', 'in', hashes)
      .execute();
    const idOf = new Map(typed.map(({ id, hash }) => [hash, id]));
    for (const [hash, id] of await this.#settledOf(physician, hashes)) idOf.set(hash, id);
    return hashes.map((hash) => idOf.get(hash)!);
  }

  /** Who a relation is to, as this physician has typed it. Throws `not-found`, for another physician's too. */
  async show(physician: string, relation: string): Promise<RelationInfo> {
    const { person } = await this.#own(physician, relation);
    return { relation, person };
  }

  /** By what the patient of a relation is known: as this physician typed it, and by the spellings that were merged with it. Throws `not-found`. */
  async spellings(physician: string, relation: string): Promise<Person[]> {
    const { database } = this.#context;
    const { person, hash } = await this.#own(physician, relation);
    const lead = await toldLeadOf(database, hash);
    const rows = await database
      .selectFrom('identity')
      .select('person')
      .where('id', 'in', toldMembersOf(database, lead?.id ?? 0))
      .execute();
    return [person, ...rows.map((row) => JSON.parse(row.person) as Person)];
  }

  /** Own patients: those that tickets were asked for. @param query after: a relation */
  async list(physician: string, { after = '', limit }: PageQuery): Promise<RelationInfo[]> {
    const rows = await this.#context.database
      .selectFrom('relation')
      .select(['id', 'person'])
      .where('physician', '=', physician)
      .where('state', '!=', 'typed')
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(({ id, person }) => ({ relation: id, person: JSON.parse(person) as Person }));
  }

  /** The pseudonyms behind relations, for tickets, in their order. Throws `not-found`, for another physician's too. */
  async use(physician: string, relations: readonly string[]): Promise<Pseudonymous[]> {
    const { fields, pseudonyms, now } = this.#context;
    const people: Person[] = [];
    for (const relation of relations) people.push((await this.#own(physician, relation)).named);
    const texts = people.map((person) => textOf(fields, person));
    const used_at = now().toISOString();
    // Who is new and has no identity yet is in no map of a change of keys: a ticket names no pseudonym of a key that is past.
    for (;;) {
      const key = await pseudonyms.current();
      const made = await pseudonyms.makeWith(key, texts);
      const rows = relations.map((id, i) => ({ id, tag: pseudonyms.tag(made[i]!) }));
      if (!(await this.#markUsed(rows, used_at, key))) continue;
      this.#settler.kick();
      return relations.map((relation, i) => ({ relation, person: people[i]!, pseudonym: made[i]! }));
    }
  }

  /** The patient was verified at this physician's, by a card or an administrator. */
  async shown(relation: string, within: Database): Promise<void> {
    await within
      .updateTable('relation')
      .set({ shown_at: this.#context.now().toISOString() })
      .where('id', '=', relation)
      .where('shown_at', 'is', null)
      .execute();
  }

  /** Deletes those that no ticket was asked for since then. */
  async forget(before: Date): Promise<void> {
    await this.#context.database
      .deleteFrom('relation')
      .where('state', '=', 'typed')
      .where('added_at', '<', before.toISOString())
      .execute();
  }

  /** Returns false, and nothing happens, where another key is in use by now. */
  async #markUsed(rows: readonly { id: string; tag: string }[], used_at: string, key: string): Promise<boolean> {
    const { database, pseudonyms } = this.#context;
    return database.transaction().execute(async (transaction) => {
      if ((await pseudonyms.current(transaction)) !== key) return false;
      for (const { id, tag } of rows) {
        await transaction.updateTable('relation').set({ state: 'used', tag, used_at }).where('id', '=', id).execute();
      }
      return true;
    });
  }

  async #relationOf(physician: string, named: NamedPerson): Promise<string> {
    const { database } = this.#context;
    // Of a patient whom this physician knows by another spelling, that relation stands, if the patient's card was shown here: who only types names does not learn
    // which are one patient's.
    const lead = await toldLeadOf(database, named.hash);
    const own = database
      .selectFrom('relation')
      .where('physician', '=', physician)
      .where('identity', 'in', toldMembersOf(database, lead?.id ?? 0));
    const earlier = await own
      .select('id')
      .where(({ exists }) => exists(own.select('id').where('shown_at', 'is not', null)))
      .orderBy('added_at')
      .orderBy('id')
      .executeTakeFirst();
    if (earlier !== undefined) return earlier.id;
    await database
      .insertInto('relation')
      .values(this.#typed(physician, named))
      .onConflict((conflict) => conflict.columns(['physician', 'hash']).doNothing())
      .execute();
    const { id } = await database
      .selectFrom('relation')
      .select('id')
      .where('physician', '=', physician)
      .where('hash', '=', named.hash)
      .executeTakeFirstOrThrow();
    return id;
  }

  /** By hash, the oldest relation to the patient whom an identity with that hash is, by whatever spelling. */
  async #settledOf(physician: string, hashes: readonly string[]): Promise<Map<string, string>> {
    const { database } = this.#context;
    const known = await database
      .selectFrom('identity')
      .select(['hash', 'id', 'told_into'])
      .where('hash', 'in', hashes)
      .execute();
    const leads = [0, ...known.map(({ id, told_into }) => told_into ?? id)];
    const members = database
      .selectFrom('identity')
      .select('id')
      .where(({ or, eb }) => or([eb('id', 'in', leads), eb('told_into', 'in', leads)]));
    const own = await database
      .selectFrom('relation')
      .innerJoin('identity', 'identity.id', 'relation.identity')
      .select(['relation.id', 'identity.id as identity', 'identity.told_into', 'shown_at'])
      .where('physician', '=', physician)
      .where('relation.identity', 'in', members)
      .orderBy('relation.added_at', 'desc')
      .orderBy('relation.id', 'desc')
      .execute();
    const shown = new Set(own.filter((row) => row.shown_at !== null).map((row) => row.told_into ?? row.identity));
    const oldest = new Map(
      own
        .map(({ id, identity, told_into }) => [told_into ?? identity, id] as const)
        .filter(([lead]) => shown.has(lead)),
    );
    return new Map(
      known.flatMap(({ hash, id, told_into }) => {
        const relation = oldest.get(told_into ?? id);
        return relation === undefined ? [] : [[hash, relation] as const];
      }),
    );
  }

  #typed(physician: string, { hash, person }: NamedPerson) {
    const { rng, now } = this.#context;
    return {
      ...{ id: base64url(rng(16)), physician, hash, person: JSON.stringify(person), state: 'typed' as const },
      ...{ identity: null, tag: null, added_at: now().toISOString(), used_at: null, shown_at: null },
    };
  }

  /** `person` as the physician typed it, `named` as the patient is named here. */
  async #own(physician: string, relation: string): Promise<{ person: Person; named: Person; hash: string }> {
    const { database } = this.#context;
    const row = await database
      .selectFrom('relation')
      .select(['hash', 'person'])
      .where('id', '=', relation)
      .where('physician', '=', physician)
      .executeTakeFirst();
    if (row === undefined) throw fault('not-found', 'you have no such relation', { culprit: 'relation' });
    const person = JSON.parse(row.person) as Person;
    return { person, named: (await toldLeadOf(database, row.hash))?.person ?? person, hash: row.hash };
  }
}

/** Adds the place in a batch to an error. */
function inPlace<T>(i: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, `person ${i + 1}: ${error.message}`, {
      culprit: `persons.${i}.${error.culprit}`,
      cause: error,
    });
  }
}
