import type { Person } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { Database, LogEvent } from '@symbolon/service';
import { searchKeys } from '../search/keys.ts';
import { type Found, findAlike } from '../search/search.ts';
import type { IdentityContext } from './context.ts';
import { comparableOf } from './person.ts';

const atOnce = 100;
const mostDuplicates = 20;

type Row = {
  readonly id: string;
  readonly physician: string;
  readonly hash: string;
  readonly person: string | null;
};

/**
 * Gives relations that tickets were asked for their identities, one after the other, after the answers have left: so that no answer's time says whether
 * somebody is known. Who is new is compared with all others; those who are alike wait for an administrator.
 */
export class Settler {
  readonly #context: IdentityContext;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(context: IdentityContext) {
    this.#context = context;
  }

  /** Begins, if nothing goes on. What fails is in the logger, and tried again the next time. */
  kick(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when all that was used has its identity. */
  async idle(): Promise<void> {
    this.kick();
    await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  /** The identity of one relation, at once: for whom a card was shown. */
  async settle(relation: string): Promise<number> {
    const row = await this.#waiting().where('id', '=', relation).executeTakeFirst();
    if (row === undefined) throw fault('not-found', 'there is no such relation', { culprit: 'relation' });
    return this.#settle(row);
  }

  async #run(): Promise<void> {
    // Never in the turn in which an answer leaves.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const rows = await this.#waiting().where('state', '=', 'used').orderBy('added_at').limit(atOnce).execute();
        for (const row of rows) if (!this.#closed) await this.#settle(row);
        this.#again ||= rows.length === atOnce;
      }
    } catch (error) {
      this.#context.logger.error({ err: error }, 'relations could not be given their identities');
    }
  }

  #waiting() {
    return this.#context.database.selectFrom('relation').select(['id', 'physician', 'hash', 'person']);
  }

  async #settle(row: Row): Promise<number> {
    const { database, log } = this.#context;
    const known = await idOf(database, row.hash);
    if (known !== undefined) {
      await database.transaction().execute((transaction) => this.#keep(transaction, row, known));
      return known;
    }
    const person = JSON.parse(row.person!) as Person;
    const alike = await findAlike(this.#context, person, { limit: mostDuplicates });
    const event: LogEvent = { kind: 'identity-added', alike: alike.length, at: this.#context.now().toISOString() };
    let identity = 0;
    await log.append(event, async (transaction) => {
      identity = (await idOf(transaction, row.hash)) ?? (await this.#add(transaction, row.hash, person, alike));
      await this.#keep(transaction, row, identity);
    });
    return identity;
  }

  async #add(database: Database, hash: string, person: Person, alike: readonly Found[]): Promise<number> {
    const { fields, now } = this.#context;
    const added_at = now().toISOString();
    const { id } = await database
      .insertInto('identity')
      .values({ hash, person: JSON.stringify(person), merged_into: null, added_at })
      .returning('id')
      .executeTakeFirstOrThrow();
    await addKeys(database, id, searchKeys(fields, comparableOf(fields, person)));
    const duplicates = alike.map(({ identity, score, reasons }) => ({
      ...{ one: identity, other: id, score, reasons: JSON.stringify(reasons), state: 'open' as const },
      ...{ added_at, ended_at: null, ended_by: null },
    }));
    if (duplicates.length > 0) await database.insertInto('duplicate').values(duplicates).execute();
    return id;
  }

  async #keep(database: Database, { id, physician, hash }: Row, identity: number): Promise<void> {
    const { fields } = this.#context;
    const { person, merged_into } = await database
      .selectFrom('identity')
      .select(['person', 'merged_into'])
      .where('id', '=', identity)
      .where('hash', '=', hash)
      .executeTakeFirstOrThrow();
    const { tag } = await database
      .updateTable('relation')
      .set({ state: 'settled', identity, person: null })
      .where('id', '=', id)
      .returning('tag')
      .executeTakeFirstOrThrow();
    // A pseudonym is that of the identity by which the patient is named; if that changed since the ticket, the centre knows of the change.
    if (tag !== null) await addTag(database, tag, merged_into ?? identity);
    await addKeys(
      database,
      identity,
      searchKeys(fields, comparableOf(fields, JSON.parse(person) as Person), physician),
    );
  }
}

async function idOf(database: Database, hash: string): Promise<number | undefined> {
  const row = await database.selectFrom('identity').select('id').where('hash', '=', hash).executeTakeFirst();
  return row?.id;
}

async function addKeys(database: Database, identity: number, keys: readonly number[]): Promise<void> {
  if (keys.length === 0) return;
  await database
    .insertInto('identity_key')
    .values(keys.map((key) => ({ key, identity })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Keeps whose pseudonym has this keyed hash. */
export async function addTag(database: Database, tag: string, identity: number): Promise<void> {
  await database
    .insertInto('pseudonym_tag')
    .values({ tag, identity })
    .onConflict((conflict) => conflict.column('tag').doNothing())
    .execute();
}
