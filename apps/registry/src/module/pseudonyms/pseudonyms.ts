import { createHmac } from 'node:crypto';
import { base64url, equalBytes, fault, hashLabelled, utf8 } from '@symbolon/crypto';
import type { Database, ServerLog } from '@symbolon/service';
import type { PersonField } from '../identities/person.ts';
import type { PseudonymMaker } from './maker.ts';

/** What {@link Pseudonyms} are made with. */
export interface PseudonymSource {
  /** Name of the key that a new module begins with, such as `oprf-1`. */
  readonly first: string;
  /** The maker with a key of that name. Throws `config-invalid` if there is none. */
  readonly maker: (name: string) => PseudonymMaker;
  /** For {@link Pseudonyms.tag}: 32 bytes, outside the database. */
  readonly tagKey: Uint8Array;
}

/**
 * Long-term pseudonyms of patients, 32 bytes, by the key that is in use. None is kept here: a database of the module says nothing of those at the centre. Each
 * key, and what identifies people, is held against its first use: with others every patient would become another without anybody's noticing.
 */
export class Pseudonyms {
  readonly #source: PseudonymSource;
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #now: () => Date;
  /** By what people are identified. */
  readonly #identifiers: Uint8Array;

  constructor(
    source: PseudonymSource,
    params: {
      readonly fields: readonly PersonField[];
      readonly database: Database;
      readonly log: Pick<ServerLog, 'append'>;
      readonly now: () => Date;
    },
  ) {
    const { fields, database, log, now } = params;
    const identifiers = fields.filter(({ required }) => required).map(({ field, as }) => [field, as]);
    this.#identifiers = utf8(JSON.stringify(identifiers));
    this.#source = source;
    this.#database = database;
    this.#log = log;
    this.#now = now;
  }

  /** Pseudonyms of texts, in their order. Throws `pseudonym-key`, and what asking the server that has the key throws. */
  async make(texts: readonly string[]): Promise<Uint8Array[]> {
    return this.makeWith(await this.current(), texts);
  }

  /** {@link make}, with a key of that name. */
  async makeWith(name: string, texts: readonly string[]): Promise<Uint8Array[]> {
    const { pseudonyms, check: made } = await this.#source.maker(name).make(texts);
    const check = hashLabelled('symbolon pseudonym check', made, this.#identifiers);
    const known = (await this.#row(name)) ?? (await this.#begin(name, check));
    if (equalBytes(known.check, check)) return pseudonyms;
    const what = `the key ${name}, or what this module identifies people by, is not what its pseudonyms were made with`;
    throw fault('pseudonym-key', what, { culprit: name });
  }

  /** The name of the key in use. @param database a transaction, if it is to stay so until that ends */
  async current(database = this.#database): Promise<string> {
    return (await currentKey(database))?.name ?? this.#source.first;
  }

  /** Since when that key has been in use; undefined before the first pseudonym is made. */
  async since(): Promise<Date | undefined> {
    const row = await currentKey(this.#database);
    return row && new Date(row.from_at);
  }

  /** By which a pseudonym that the centre names is known again; of no use to whoever lacks the key. */
  tag(pseudonym: Uint8Array): string {
    return base64url(createHmac('sha256', this.#source.tagKey).update(pseudonym).digest());
  }

  /** The identity by which a patient with this pseudonym is named; undefined where nobody has it. */
  async patientOf(pseudonym: Uint8Array): Promise<number | undefined> {
    const row = await this.#database
      .selectFrom('pseudonym_tag')
      .innerJoin('identity', 'identity.id', 'pseudonym_tag.identity')
      .select(['identity.id', 'identity.merged_into'])
      .where('tag', '=', this.tag(pseudonym))
      .executeTakeFirst();
    return row && (row.merged_into ?? row.id);
  }

  async #row(name: string) {
    return this.#database.selectFrom('pseudonym_key').select('check').where('name', '=', name).executeTakeFirst();
  }

  /** Two that begin at once: the first one's check stands. */
  async #begin(name: string, check: Uint8Array) {
    const at = this.#now().toISOString();
    await this.#log.append({ kind: 'pseudonym-key-first-used', key: name, at }, async (transaction) => {
      const other = await transaction.selectFrom('pseudonym_key').select('name').executeTakeFirst();
      const state = other === undefined ? 'current' : 'next';
      await transaction
        .insertInto('pseudonym_key')
        .values({ name, check, state, mapped: 0, from_at: at })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
    });
    return (await this.#row(name))!;
  }
}

async function currentKey(database: Database) {
  return database
    .selectFrom('pseudonym_key')
    .select(['name', 'from_at'])
    .where('state', '=', 'current')
    .executeTakeFirst();
}
