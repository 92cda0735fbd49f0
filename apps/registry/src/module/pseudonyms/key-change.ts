import type { Person } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { LogEvent, WithinAppend } from '@symbolon/service';
import type { IdentityContext } from '../identities/context.ts';
import { textOf } from '../identities/person.ts';
import { addTag, type Settler } from '../identities/settler.ts';

/** Pseudonyms of some patients before and after a change of keys: all that the centre is told of it. */
export interface PseudonymMap {
  readonly pairs: readonly { readonly from: Uint8Array; readonly to: Uint8Array }[];
  /** For {@link KeyChange.taken}. */
  readonly upTo: number;
  /** Whether none is left. */
  readonly last: boolean;
}

const mostPairs = 1000;

/**
 * A change of the key that pseudonyms are made with: begun by an administrator; then map after map until the centre has taken the last one; then the new key is
 * in use. Until then tickets name old pseudonyms, and the centre knows patients by both.
 */
export class KeyChange {
  readonly #context: IdentityContext;
  readonly #settler: Settler;

  constructor(context: IdentityContext, settler: Settler) {
    this.#context = context;
    this.#settler = settler;
  }

  /** The key that is being changed to. */
  async next(): Promise<{ readonly name: string; readonly mapped: number } | undefined> {
    return this.#context.database
      .selectFrom('pseudonym_key')
      .select(['name', 'mapped'])
      .where('state', '=', 'next')
      .executeTakeFirst();
  }

  /** Begins, with a key whose name was never used here. Throws `conflict`. */
  async begin(name: string, by: string): Promise<void> {
    const { database, pseudonyms } = this.#context;
    // So that there is a key to change from.
    await pseudonyms.make(['']);
    const used = await database.selectFrom('pseudonym_key').select('name').where('name', '=', name).executeTakeFirst();
    if (used !== undefined) throw fault('conflict', `the key ${name} is or was in use`, { culprit: name });
    const going = await this.next();
    if (going !== undefined) throw fault('conflict', `the change to the key ${going.name} goes on`, { culprit: name });
    await pseudonyms.makeWith(name, ['']);
    await this.#append({ kind: 'pseudonym-key-change-begun', key: name, by });
  }

  /** The next map; the same again until it is {@link taken}. Throws `conflict` where no change goes on. */
  async map(limit = mostPairs): Promise<PseudonymMap> {
    const { database, fields, pseudonyms } = this.#context;
    const { name, mapped } = await this.#going();
    const rows = await database
      .selectFrom('identity')
      .select(['id', 'person'])
      .where('merged_into', 'is', null)
      .where('id', '>', mapped)
      .orderBy('id')
      .limit(limit)
      .execute();
    const texts = rows.map(({ person }) => textOf(fields, JSON.parse(person) as Person));
    const [from, to] = [await pseudonyms.make(texts), await pseudonyms.makeWith(name, texts)];
    await database.transaction().execute(async (transaction) => {
      for (const [i, { id }] of rows.entries()) await addTag(transaction, pseudonyms.tag(to[i]!), id);
    });
    const pairs = rows.map((_, i) => ({ from: from[i]!, to: to[i]! }));
    return { pairs, upTo: rows.at(-1)?.id ?? mapped, last: rows.length < limit };
  }

  /** The centre has a map, for good. */
  async taken({ upTo }: Pick<PseudonymMap, 'upTo'>): Promise<void> {
    const { name } = await this.#going();
    await this.#context.database
      .updateTable('pseudonym_key')
      .set({ mapped: upTo })
      .where('name', '=', name)
      .where('mapped', '<', upTo)
      .execute();
  }

  /** The new key is in use from here on. Returns false, and nothing happens, where the centre has not taken all yet. */
  async finish(): Promise<boolean> {
    const { name, mapped } = await this.#going();
    await this.#settler.idle();
    let done = false;
    await this.#append({ kind: 'pseudonym-key-change-ended', key: name }, async (transaction) => {
      const waiting = await transaction
        .selectFrom('relation')
        .select('id')
        .where('state', '=', 'used')
        .executeTakeFirst();
      const left = await transaction
        .selectFrom('identity')
        .select('id')
        .where('merged_into', 'is', null)
        .where('id', '>', mapped)
        .executeTakeFirst();
      // Tickets go by what the centre knows, so of a merge that it has not taken both would have to be in the maps.
      const untold = await transaction
        .selectFrom('identity_change')
        .select('id')
        .where('told_at', 'is', null)
        .executeTakeFirst();
      if ([waiting, left, untold].some((row) => row !== undefined)) throw new NotAll();
      const change = (from: 'current' | 'next', to: 'past' | 'current', from_at?: string) =>
        transaction
          .updateTable('pseudonym_key')
          .set({ state: to, ...(from_at && { from_at }) })
          .where('state', '=', from)
          .execute();
      await change('current', 'past');
      await change('next', 'current', this.#context.now().toISOString());
      done = true;
    }).catch((error: unknown) => {
      if (!(error instanceof NotAll)) throw error;
    });
    return done;
  }

  async #going() {
    const next = await this.next();
    if (next === undefined) throw fault('conflict', 'no change of the key of pseudonyms goes on');
    return next;
  }

  #append(event: LogEvent & object, within?: WithinAppend): Promise<number> {
    const { log, now } = this.#context;
    return log.append({ ...event, at: now().toISOString() }, within);
  }
}

class NotAll extends Error {}
