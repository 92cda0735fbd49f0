import type { Person } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
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
  readonly person: string;
  /** The person of the identity that has this hash, if one has. */
  readonly known: string | null;
};

/**
 * Gives relations that tickets were asked for their identities, one after the other, after the answers have left: no answer's time says whether somebody is
 * known, and as the same is done for all, neither does how busy the server is then. Those who are alike wait for an administrator.
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
    const row = await this.#waiting().where('relation.id', '=', relation).executeTakeFirst();
    if (row === undefined) throw fault('not-found', 'there is no such relation', { culprit: 'relation' });
    return this.#settle(row);
  }

  async #run(): Promise<void> {
    // Never in the turn in which an answer leaves.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const rows = await this.#waiting()
          .where('state', '=', 'used')
          .orderBy('relation.added_at')
          .limit(atOnce)
          .execute();
        for (const row of rows) if (!this.#closed) await this.#settle(row);
        this.#again ||= rows.length === atOnce;
      }
    } catch (error) {
      this.#context.logger.error({ err: error }, 'relations could not be given their identities');
    }
  }

  #waiting() {
    return this.#context.database
      .selectFrom('relation')
      .leftJoin('identity', 'identity.hash', 'relation.hash')
      .select(['relation.id', 'physician', 'relation.hash', 'relation.person', 'identity.person as known']);
  }

  async #settle({ id: relation, physician, hash, person: typed, known }: Row): Promise<number> {
    const { fields, log, now } = this.#context;
    const [person, own] = [known ?? typed, typed].map((text) => JSON.parse(text) as Person) as [Person, Person];
    const alike = await findAlike(this.#context, person, { limit: mostDuplicates });
    const keys = [
      ...searchKeys(fields, comparableOf(fields, person)),
      ...searchKeys(fields, comparableOf(fields, own), physician),
    ];
    const at = now().toISOString();
    let identity = 0;
    await log.append({ kind: 'relation-settled', relation, at }, async (transaction) => {
      await transaction
        .insertInto('identity')
        .values({ hash, person: JSON.stringify(person), merged_into: null, added_at: at })
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .execute();
      const { id, merged_into } = await transaction
        .selectFrom('identity')
        .select(['id', 'merged_into'])
        .where('hash', '=', hash)
        .executeTakeFirstOrThrow();
      identity = id;
      const patient = merged_into ?? id;
      await addKeys(transaction, id, keys);
      await this.#addDuplicates(transaction, { identity, patient }, alike);
      const { tag } = await transaction
        .updateTable('relation')
        .set({ state: 'settled', identity })
        .where('id', '=', relation)
        .returning('tag')
        .executeTakeFirstOrThrow();
      // A pseudonym is that of the identity by which the patient is named; if that changed since the ticket, the centre knows of the change.
      if (tag !== null) await addTag(transaction, tag, patient);
    });
    return identity;
  }

  /** What an administrator has decided on stays so. */
  async #addDuplicates(
    database: Database,
    { identity, patient }: { identity: number; patient: number },
    alike: readonly Found[],
  ): Promise<void> {
    // As patients are now: they may have been merged since the search.
    const others = await database
      .selectFrom('identity')
      .select(['id', 'merged_into'])
      .where('id', 'in', [0, ...alike.map((one) => one.identity)])
      .execute();
    const isOther = (of: number): boolean =>
      others.some(({ id, merged_into }) => id === of && (merged_into ?? id) !== patient);
    const found = alike.filter((one) => isOther(one.identity));
    if (found.length === 0) return;
    const added_at = this.#context.now().toISOString();
    const rows = found.map(({ identity: other, score, reasons }) => ({
      ...{ one: Math.min(identity, other), other: Math.max(identity, other), score, reasons: JSON.stringify(reasons) },
      ...{ state: 'open' as const, added_at, ended_at: null, ended_by: null },
    }));
    await database
      .insertInto('duplicate')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['one', 'other']).doNothing())
      .execute();
  }
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
