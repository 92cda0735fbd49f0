import type { Person } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import { numberCursor, type PageQuery } from '@symbolon/service';
import type { Reason } from '../search/likeness.ts';
import type { IdentityContext } from './context.ts';

/** Two identities that may be one person's. */
export interface Duplicate {
  readonly id: number;
  /** 1000: as alike as can be. */
  readonly score: number;
  /** By field; `card`: both have shown the same card. */
  readonly reasons: Readonly<Record<string, Reason>>;
  readonly people: readonly [DuplicatePerson, DuplicatePerson];
  readonly addedAt: string;
}

/** One of the two. */
export interface DuplicatePerson {
  readonly identity: number;
  /** The identity by which the patient is named: the same for both where they are merged. */
  readonly patient: number;
  readonly person: Person;
  readonly addedAt: string;
}

/** What waits for an administrator: who was found to be alike when they came. */
export class Duplicates {
  readonly #context: IdentityContext;

  constructor(context: IdentityContext) {
    this.#context = context;
  }

  /** Those that nobody has decided on, the oldest first. */
  async list({ after, limit }: PageQuery): Promise<Duplicate[]> {
    const rows = await this.#select()
      .where('duplicate.state', '=', 'open')
      .where('duplicate.id', '>', after === undefined ? 0 : numberCursor(after))
      .orderBy('duplicate.id')
      .limit(limit)
      .execute();
    return rows.map(duplicateOf);
  }

  /** One, decided on or not. Throws `not-found`. */
  async show(id: number): Promise<Duplicate> {
    const row = await this.#select().where('duplicate.id', '=', id).executeTakeFirst();
    if (row === undefined) throw unknown(id);
    return duplicateOf(row);
  }

  /** They are two people. Throws `not-found` where there is no open one of this number. */
  async dismiss(id: number, by: string): Promise<void> {
    const { log, now } = this.#context;
    const at = now().toISOString();
    await log.append({ kind: 'duplicate-dismissed', duplicate: id, by, at }, async (transaction) => {
      const row = await transaction
        .updateTable('duplicate')
        .set({ state: 'dismissed', ended_at: at, ended_by: by })
        .where('id', '=', id)
        .where('state', '=', 'open')
        .returning('id')
        .executeTakeFirst();
      if (row === undefined) throw unknown(id);
    });
  }

  #select() {
    return this.#context.database
      .selectFrom('duplicate')
      .innerJoin('identity as a', 'a.id', 'duplicate.one')
      .innerJoin('identity as b', 'b.id', 'duplicate.other')
      .select(['duplicate.id', 'duplicate.score', 'duplicate.reasons', 'duplicate.added_at'])
      .select(['a.id as a', 'a.merged_into as a_into', 'a.person as a_person', 'a.added_at as a_at'])
      .select(['b.id as b', 'b.merged_into as b_into', 'b.person as b_person', 'b.added_at as b_at']);
  }
}

interface Row {
  readonly id: number;
  readonly score: number;
  readonly reasons: string;
  readonly added_at: string;
  readonly a: number;
  readonly a_into: number | null;
  readonly a_person: string;
  readonly a_at: string;
  readonly b: number;
  readonly b_into: number | null;
  readonly b_person: string;
  readonly b_at: string;
}

function duplicateOf(row: Row): Duplicate {
  const { id, score, reasons, added_at: addedAt } = row;
  const person = (identity: number, into: number | null, text: string, at: string): DuplicatePerson => ({
    identity,
    patient: into ?? identity,
    person: JSON.parse(text) as Person,
    addedAt: at,
  });
  return {
    ...{ id, score, reasons: JSON.parse(reasons) as Duplicate['reasons'], addedAt },
    people: [person(row.a, row.a_into, row.a_person, row.a_at), person(row.b, row.b_into, row.b_person, row.b_at)],
  };
}

const unknown = (id: number) =>
  fault('not-found', `there is no duplicate ${id} to decide on`, { culprit: 'duplicate' });
