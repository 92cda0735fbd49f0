import type { Person } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import { type Database, type DatabaseSchema, numberCursor, type PageQuery } from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { IdentityContext } from './context.ts';
import { membersOf, toldMembersOf } from './lead.ts';
import { textOf } from './person.ts';
import { addTag } from './settler.ts';

/** Identities that went from one patient to another; patients are named by identities. */
export interface IdentityChange {
  readonly id: number;
  /** Of a merge, all that `from` had; of a split, those that went away and are patient `to` now. */
  readonly kind: 'merge' | 'split';
  readonly from: number;
  readonly to: number;
  readonly identities: readonly number[];
  /** The change that it takes back, and the one that took it back. */
  readonly undoes: number | null;
  readonly undoneBy: number | null;
  readonly by: string;
  readonly at: string;
}

/** What the centre has to be told of a change. */
export interface PseudonymChange {
  readonly kind: 'merge' | 'split';
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Of a split: the relations that go to `to`. */
  readonly relations: readonly string[];
}

type Written = Omit<IdentityChange, 'id' | 'undoneBy' | 'at'>;

/**
 * Which identities are one patient's. Nothing is lost by a merge or a split: identities keep what they are, and history says where each was; so both can be
 * taken back.
 */
export class IdentityChanges {
  readonly #context: IdentityContext;

  constructor(context: IdentityContext) {
    this.#context = context;
  }

  /** Two patients are one, who is named as `to` from here on. Throws `not-found` and `conflict`. */
  async merge({ from, to, by }: { from: number; to: number; by: string }): Promise<IdentityChange> {
    return this.#change({ by, what: 'merge', from, to }, async (transaction) => {
      if (from === to) throw fault('conflict', 'nobody is merged with oneself', { culprit: 'from' });
      await requireStaying(transaction, [from, to]);
      const [identities] = [await patient(transaction, from), await patient(transaction, to)];
      return this.#merge(transaction, { from, to, identities, by, undoes: null });
    });
  }

  /**
   * Some identities of a patient are somebody else's, who is named by the oldest of them. Throws `not-found`, and `conflict` where that by which the patient
   * is named is among them, or a change of keys goes on.
   */
  async split({ from, identities, by }: { from: number; identities: readonly number[]; by: string }) {
    return this.#change({ by, what: 'split', from }, async (transaction) => {
      await requireStaying(transaction, [from]);
      const members = await patient(transaction, from);
      const away = [...new Set(identities)].sort((a, b) => a - b);
      if (away.length === 0 || away.some((identity) => !members.includes(identity))) {
        throw fault('conflict', `not all of these are identities of patient ${from}`, { culprit: 'identities' });
      }
      if (away.includes(from)) {
        throw fault('conflict', `the patient is named by identity ${from}`, {
          culprit: 'identities',
          hint: 'Name the others: those that are to be somebody else.',
        });
      }
      return this.#split(transaction, { from, to: away[0]!, identities: away, by, undoes: null });
    });
  }

  /** Takes a change back: all are again whose they were before. Throws `not-found`, and `conflict` where it is taken back, or other changes came after it. */
  async undo({ change, by }: { change: number; by: string }): Promise<IdentityChange> {
    return this.#change({ by, what: 'undo', change }, async (transaction) => {
      const { kind, from, to, identities, undoneBy } = await this.#read(transaction, change);
      if (undoneBy !== null) throw fault('conflict', `change ${change} is taken back`, { culprit: 'change' });
      await requireStaying(transaction, [from, to]);
      const members = (await membersIfLead(transaction, to)) ?? [];
      if (identities.some((identity) => !members.includes(identity))) throw later(change);
      const as = { from: to, to: from, identities, by, undoes: change };
      if (kind === 'merge') return this.#split(transaction, as);
      const others = await membersIfLead(transaction, from);
      if (others === undefined || members.length !== identities.length) throw later(change);
      return this.#merge(transaction, as);
    });
  }

  /** Throws `not-found`. */
  async show(id: number): Promise<IdentityChange> {
    return this.#read(this.#context.database, id);
  }

  /** All changes, the oldest first. */
  async list({ after, limit }: PageQuery): Promise<IdentityChange[]> {
    const rows = await this.#context.database
      .selectFrom('identity_change')
      .selectAll()
      .where('id', '>', after === undefined ? 0 : numberCursor(after))
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(changeOf);
  }

  /** A change as the centre has to be told of it, in the order of changes; undefined where a patient was erased meanwhile. */
  async forCentre(change: number): Promise<PseudonymChange | undefined> {
    const { database, pseudonyms } = this.#context;
    const { kind, from, to, identities } = await this.show(change);
    const texts = [await this.#textOf(from), await this.#textOf(to)].filter((text) => text !== undefined);
    if (texts.length < 2) return undefined;
    const [old, next] = await pseudonyms.make(texts);
    await database.transaction().execute(async (transaction) => {
      await addTag(transaction, pseudonyms.tag(old!), from);
      await addTag(transaction, pseudonyms.tag(next!), to);
    });
    const relations =
      kind === 'merge'
        ? []
        : await database
            .selectFrom('relation')
            .select('id')
            .where('identity', 'in', [...identities])
            .execute();
    return { kind, from: old!, to: next!, relations: relations.map(({ id }) => id) };
  }

  /** The centre has taken a change, or has nothing of these patients any more: tickets go by it from now on. */
  async told(change: number): Promise<void> {
    const { database, now } = this.#context;
    const { kind, from, to, identities } = await this.show(change);
    await database.transaction().execute(async (transaction) => {
      const set = (told_into: number | null, of: readonly number[]) =>
        transaction
          .updateTable('identity')
          .set({ told_into })
          .where('id', 'in', [0, ...of])
          .execute();
      await set(
        to,
        identities.filter((identity) => identity !== to),
      );
      if (kind === 'split') {
        await set(null, [to]);
        // Cards of both have ended at the centre: nobody's are under the other's key from now on.
        await transaction
          .updateTable('patient_card')
          .set(({ ref }) => ({ wrapped_as: ref('identity') }))
          .where('identity', 'in', toldMembersOf(transaction, from).union(toldMembersOf(transaction, to)))
          .execute();
      }
      const row = transaction.updateTable('identity_change').set({ told_at: now().toISOString() });
      await row.where('id', '=', change).execute();
    });
  }

  async #read(database: Database, id: number): Promise<IdentityChange> {
    const row = await database.selectFrom('identity_change').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw fault('not-found', `there is no change ${id}`, { culprit: 'change' });
    return changeOf(row);
  }

  async #textOf(identity: number): Promise<string | undefined> {
    const { database, fields } = this.#context;
    const row = await database.selectFrom('identity').select('person').where('id', '=', identity).executeTakeFirst();
    return row && textOf(fields, JSON.parse(row.person) as Person);
  }

  async #merge(transaction: Database, change: Omit<Written, 'kind'>): Promise<Written> {
    const { to, identities, by } = change;
    await transaction
      .updateTable('identity')
      .set({ merged_into: to })
      .where('id', 'in', [...identities])
      .execute();
    await this.#decide(transaction, to, { state: 'merged', by });
    return { kind: 'merge', ...change };
  }

  async #split(transaction: Database, change: Omit<Written, 'kind'>): Promise<Written> {
    const { from, to, identities, by, undoes } = change;
    // A new key's pseudonym of `to` would be missing in the maps that the centre has already.
    const changing = await transaction
      .selectFrom('pseudonym_key')
      .select('name')
      .where('state', '=', 'next')
      .executeTakeFirst();
    if (changing !== undefined) {
      throw fault('conflict', `pseudonyms are changing to the key ${changing.name}; split when that has ended`);
    }
    const state = undoes === null ? ('dismissed' as const) : ('open' as const);
    await this.#decide(transaction, from, { state, by, between: identities });
    const set = (merged_into: number | null, of: readonly number[]) =>
      transaction
        .updateTable('identity')
        .set({ merged_into })
        .where('id', 'in', [...of])
        .execute();
    await set(null, [to]);
    const others = identities.filter((identity) => identity !== to);
    if (others.length > 0) await set(to, others);
    return { kind: 'split', ...change };
  }

  /** Decides on duplicates within a patient; `between`: those between these identities and the patient's others. */
  async #decide(
    transaction: Database,
    lead: number,
    { state, by, between }: { state: 'open' | 'merged' | 'dismissed'; by: string; between?: readonly number[] },
  ): Promise<void> {
    const members = (await membersOf(transaction, lead).execute()).map(({ id }) => id);
    const others = between === undefined ? members : members.filter((id) => !between.includes(id));
    const some = [...(between ?? members)];
    const end = state === 'open' ? null : this.#context.now().toISOString();
    await transaction
      .updateTable('duplicate')
      .set({ state, ended_at: end, ended_by: state === 'open' ? null : by })
      .where(({ and, or, eb }) =>
        or([
          and([eb('one', 'in', some), eb('other', 'in', others)]),
          and([eb('one', 'in', others), eb('other', 'in', some)]),
        ]),
      )
      .execute();
  }

  async #change(
    asked: {
      readonly by: string;
      readonly what: string;
      readonly from?: number;
      readonly to?: number;
      readonly change?: number;
    },
    make: (transaction: Database) => Promise<Written>,
  ): Promise<IdentityChange> {
    const { log, now } = this.#context;
    const at = now().toISOString();
    let id = 0;
    await log.append({ kind: 'identities-changed', ...asked, at }, async (transaction) => {
      const { identities, ...change } = await make(transaction);
      const row = { ...change, identities: JSON.stringify(identities), undone_by: null, changed_at: at, told_at: null };
      const made = await transaction
        .insertInto('identity_change')
        .values(row)
        .returning('id')
        .executeTakeFirstOrThrow();
      id = made.id;
      if (change.undoes === null) return;
      await transaction.updateTable('identity_change').set({ undone_by: id }).where('id', '=', change.undoes).execute();
    });
    return this.show(id);
  }
}

/** Identities of a patient. Throws `not-found` where no patient is named by this one. */
async function patient(database: Database, lead: number): Promise<number[]> {
  const members = await membersIfLead(database, lead);
  if (members !== undefined) return members;
  throw fault('not-found', `no patient is named by identity ${lead}`, { culprit: 'patient' });
}

/** Throws `conflict` for patients whose erasure waits for the central server: it would erase some of a patient, and leave the rest. */
async function requireStaying(database: Database, patients: readonly number[]): Promise<void> {
  const row = await database
    .selectFrom('registry_notice')
    .select('subject')
    .where(
      'subject',
      'in',
      patients.map((lead) => `erase:${lead}`),
    )
    .where('taken_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return;
  throw fault('conflict', 'this patient is about to be erased', {
    culprit: 'patient',
    hint: 'Go on when the central server has taken it: `symbolon registry status` shows what waits.',
  });
}

async function membersIfLead(database: Database, lead: number): Promise<number[] | undefined> {
  const members = await membersOf(database, lead).select('merged_into').orderBy('id').execute();
  const isLead = members.some(({ id, merged_into }) => id === lead && merged_into === null);
  return isLead ? members.map(({ id }) => id) : undefined;
}

const later = (change: number) =>
  fault('conflict', `other changes came after change ${change}`, { culprit: 'change', hint: 'Take those back first.' });

function changeOf(row: Selectable<DatabaseSchema['identity_change']>): IdentityChange {
  const { identities, undone_by: undoneBy, changed_at: at, told_at: _, ...rest } = row;
  return { ...rest, identities: JSON.parse(identities) as number[], undoneBy, at };
}
