import { base64url, fault, type Rng } from '@symbolon/crypto';
import type { Also, Database, DatabaseSchema, Person, ServerLog } from '@symbolon/service';
import type { Selectable, Transaction } from 'kysely';
import type { People } from './opt-outs.ts';

/** What may not be deleted, and why. */
export interface LegalHold {
  readonly id: string;
  readonly dataset: string;
  /** It is on one person, not on the whole data set. */
  readonly person: boolean;
  readonly reason: string;
  /** The last day; null: until two people lift it. */
  readonly until: string | null;
  readonly by: string;
  readonly setAt: string;
  readonly liftAskedBy: string | null;
  readonly liftedBy: string | null;
  readonly liftedAt: string | null;
  readonly stands: boolean;
}

type HoldRow = Selectable<DatabaseSchema['legal_hold']>;

/** Legal holds. Each change is one transaction with its entry in the log, which names the hold, never a person or the reason. */
export class LegalHolds {
  readonly #database: Database;
  readonly #log: Pick<ServerLog, 'append'>;
  readonly #rng: Rng;
  readonly #now: () => Date;

  constructor(params: { database: Database; log: Pick<ServerLog, 'append'>; rng: Rng; now: () => Date }) {
    this.#database = params.database;
    this.#log = params.log;
    this.#rng = params.rng;
    this.#now = params.now;
  }

  /** @param person the one it is on, if it is not on the whole data set @param also is given the id of the hold */
  async set(
    dataset: string,
    {
      person,
      reason,
      until,
      by,
    }: {
      readonly person?: { readonly column: string; readonly subject: string; readonly key: string } | undefined;
      readonly reason: string;
      readonly until?: string | undefined;
      readonly by: string;
    },
    also?: Also<string>,
  ): Promise<LegalHold> {
    const id = base64url(this.#rng(9));
    const row = {
      id,
      dataset,
      key_column: person?.column ?? null,
      subject: person?.subject ?? null,
      key: person?.key ?? null,
      reason,
      until: until ?? null,
      by,
      set_at: this.#now().toISOString(),
    };
    const event = { kind: 'hold-set', hold: id, dataset, person: person !== undefined, until: row.until, by };
    await this.#log.append(event, async (transaction) => {
      await transaction.insertInto('legal_hold').values(row).execute();
      await also?.(transaction, id);
    });
    return this.show(id);
  }

  /** The newest first. */
  async list(): Promise<LegalHold[]> {
    const rows = await this.#database
      .selectFrom('legal_hold')
      .selectAll()
      .orderBy('set_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map((row) => this.#info(row));
  }

  /** Throws `not-found`. */
  async show(id: string): Promise<LegalHold> {
    return this.#info(await find(this.#database, id));
  }

  /**
   * Lifts a hold, with the second of two people: both are users who have logged in. Throws `conflict` for the same person again or where it is lifted,
   * `forbidden` for the owner.
   */
  async lift(id: string, { kind, id: by }: Person, also?: Also): Promise<LegalHold> {
    if (kind !== 'user') {
      throw fault(
        'forbidden',
        'two people lift a legal hold, and whoever opens the folder is not known to be one of them',
        {
          culprit: by,
          hint: 'Make users (`symbolon user add`); two of them log in and lift it.',
        },
      );
    }
    const { liftAskedBy } = await this.show(id);
    const event = { kind: liftAskedBy === null ? 'hold-lift-asked' : 'hold-lifted', hold: id, by };
    await this.#log.append(event, async (transaction) => {
      const row = await find(transaction, id);
      if (row.lifted_at !== null) throw fault('conflict', `the hold ${id} is lifted already`, { culprit: id });
      if (row.lift_asked_by === by) {
        throw fault('conflict', `${by} has asked to lift the hold ${id}; a second person must agree`, { culprit: by });
      }
      if (row.lift_asked_by !== liftAskedBy)
        throw fault('conflict', `the hold ${id} has changed meanwhile`, { culprit: id });
      const change =
        liftAskedBy === null ? { lift_asked_by: by } : { lifted_by: by, lifted_at: this.#now().toISOString() };
      await transaction.updateTable('legal_hold').set(change).where('id', '=', id).execute();
      await also?.(transaction);
    });
    return this.show(id);
  }

  /**
   * Throws `legal-hold` if one stands on any of these data sets, or on a person in them.
   * @param datasets `any`: what is deleted may be about any of them
   * @param people where only they are concerned: holds on others do not count
   */
  async requireNone(
    database: Database,
    datasets: readonly string[] | 'any',
    people?: Omit<People, 'dataset'>,
  ): Promise<void> {
    const all = await database
      .selectFrom('legal_hold')
      .selectAll()
      .where('lifted_at', 'is', null)
      .orderBy('set_at')
      .execute();
    const rows = datasets === 'any' ? all : all.filter(({ dataset }) => datasets.includes(dataset));
    const concerned = new Set(people?.subjects);
    const isConcerned = ({ key_column: column, subject }: HoldRow): boolean =>
      people === undefined || subject === null || (column === people.column && concerned.has(subject));
    // One on a person under another column cannot be told apart from these.
    const isUnsure = ({ key_column: column }: HoldRow): boolean => column !== null && column !== people?.column;
    const standing = rows.find((row) => this.#info(row).stands && (isConcerned(row) || isUnsure(row)));
    if (standing === undefined) return;
    const { id, dataset, subject, by, set_at: at, until } = standing;
    const what = subject === null ? dataset : `a person in ${dataset}`;
    const end = until === null ? 'until two people lift it' : `until ${until}`;
    throw fault('legal-hold', `the hold ${id} on ${what}, set by ${by} on ${at.slice(0, 10)}, stands ${end}`, {
      culprit: id,
    });
  }

  #info(row: HoldRow): LegalHold {
    const today = this.#now().toISOString().slice(0, 10);
    return {
      id: row.id,
      dataset: row.dataset,
      person: row.subject !== null,
      reason: row.reason,
      until: row.until,
      by: row.by,
      setAt: row.set_at,
      liftAskedBy: row.lift_asked_by,
      liftedBy: row.lifted_by,
      liftedAt: row.lifted_at,
      stands: row.lifted_at === null && (row.until === null || row.until >= today),
    };
  }
}

async function find(database: Database | Transaction<DatabaseSchema>, id: string): Promise<HoldRow> {
  const row = await database.selectFrom('legal_hold').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw fault('not-found', `there is no legal hold ${id} here`, { culprit: id });
  return row;
}
