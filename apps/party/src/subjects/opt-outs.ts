import { type Agreement, agreementHash, type Purpose, purposes } from '@symbolon/agreement';
import { fault, type Rng } from '@symbolon/crypto';
import type { Database, DatabaseSchema, Home, ListKey } from '@symbolon/service';
import { readListKey } from '@symbolon/service';
import type { Transaction } from 'kysely';
import type { AgreementStore } from '../agreements/store.ts';
import type { LeftOut } from '../data/left-out.ts';
import { Identifiers } from './identifiers.ts';
import { type ListedRow, RowScreen, type Screen } from './screen.ts';

/** People of one data set, known by what stands in one of its columns. */
export interface People {
  readonly dataset: string;
  /** By its name in agreements. */
  readonly column: string;
  /** Of `Identifiers`. */
  readonly subjects: readonly string[];
}

/** What an opt-out is for; all of it where it says nothing. */
export interface OptOutScope {
  /** Hash of an agreement, and so of its later versions. */
  readonly agreement?: string | undefined;
  readonly purpose?: Purpose | undefined;
}

/** How many people are on a list, never who. */
export interface OptOutGroup {
  readonly dataset: string;
  readonly column: string;
  readonly agreement: string | null;
  readonly purpose: string | null;
  /** The first day on which they take no part. */
  readonly from: string | null;
  readonly erased: boolean;
  readonly people: number;
}

/** Rows of one statement. */
const rowsAtOnce = 500;

/** The people who take no part, by data set: keyed hashes of their identifiers. */
export class OptOuts {
  readonly #home: Pick<Home, 'path'>;
  readonly #database: Database;
  readonly #agreements: AgreementStore;
  readonly #rng: Rng;
  readonly #now: () => Date;

  constructor(params: {
    home: Pick<Home, 'path'>;
    database: Database;
    agreements: AgreementStore;
    rng: Rng;
    now: () => Date;
  }) {
    this.#home = params.home;
    this.#database = params.database;
    this.#agreements = params.agreements;
    this.#rng = params.rng;
    this.#now = params.now;
  }

  /** The key of the lists; made with the first entry. Throws `config-invalid` where it is not that of the entries that are there. */
  async key(): Promise<ListKey> {
    const names = await this.#database
      .selectFrom('subject_opt_out')
      .select('key')
      .union(
        this.#database.selectFrom('legal_hold').select('key').where('key', 'is not', null).$castTo<{ key: string }>(),
      )
      .execute();
    const key = readListKey(this.#home, this.#rng, names.length === 0);
    if (names.every(({ key: name }) => name === key.name)) return key;
    throw fault('config-invalid', 'the lists of people were made with another key than keys/lists.key', {
      culprit: 'keys/lists.key',
      hint: 'Restore the file from your backup of this folder: without it nobody can tell who takes no part.',
    });
  }

  /** How people of a column are hashed. */
  async identifiers(
    dataset: string,
    column: string,
  ): Promise<{ readonly key: string; readonly identifiers: Identifiers }> {
    const { bytes, name } = await this.key();
    return { key: name, identifiers: new Identifiers(bytes, dataset, column) };
  }

  /**
   * Who of a data set takes no part under an agreement today.
   * @param purpose that is stated; without one, every purpose that the agreement names, or any if it names none
   */
  async screen(dataset: string, agreement: Agreement, purpose?: Purpose): Promise<Screen> {
    const applying = await this.#applying(dataset, agreement, purpose);
    const rows = await applying(this.#database).select(['id', 'key_column', 'subject']).orderBy('id').execute();
    const newest = rows.at(-1)?.id ?? 0;
    return new RowScreen(
      dataset,
      rows,
      rows.length === 0 ? undefined : await this.#leftOut(dataset, rows),
      async (database) => {
        const later = await applying(database).select('id').where('id', '>', newest).limit(1).executeTakeFirst();
        return later === undefined;
      },
    );
  }

  /**
   * Of records that were copied at a moment (ISO) without those who took no part then: current for as long as nobody has joined them since, or come
   * into force. @param purpose as of {@link screen}
   */
  async screenSince(dataset: string, agreement: Agreement, moment: string, purpose?: Purpose): Promise<Screen> {
    const applying = await this.#applying(dataset, agreement, purpose);
    return new RowScreen(dataset, [], undefined, async (database) => {
      const later = await applying(database)
        .select('id')
        .where(({ eb, or }) => or([eb('added_at', '>=', moment), eb('from_date', '>', moment.slice(0, 10))]))
        .limit(1)
        .executeTakeFirst();
      return later === undefined;
    });
  }

  /** Entries that apply today. */
  async #applying(dataset: string, agreement: Agreement, purpose: Purpose | undefined) {
    const agreements = ['', ...(await this.#versions(agreement))];
    const wanted = purpose === undefined ? (agreement.purpose?.uses ?? Object.keys(purposes)) : [purpose];
    const today = this.#now().toISOString().slice(0, 10);
    return (database: Database) =>
      database
        .selectFrom('subject_opt_out')
        .where('dataset', '=', dataset)
        .where('agreement', 'in', agreements)
        .where('purpose', 'in', ['', ...wanted])
        .where('from_date', '<=', today);
  }

  /** Puts people on the list. Whoever was erased stays so. @param from the first day */
  async add(
    transaction: Transaction<DatabaseSchema>,
    { dataset, column, subjects }: People,
    {
      agreement = '',
      purpose,
      from = '',
      key,
      erased = false,
    }: OptOutScope & { from?: string | undefined; key: string; erased?: boolean },
  ): Promise<void> {
    const common = {
      dataset,
      key_column: column,
      key,
      agreement,
      purpose: purpose ?? '',
      from_date: from,
      erased: erased ? 1 : 0,
    } as const;
    for (const some of chunks(subjects)) {
      const before = transaction
        .deleteFrom('subject_opt_out')
        .where('dataset', '=', dataset)
        .where('key_column', '=', column)
        .where('subject', 'in', some)
        .where('erased', '=', 0);
      // A number of its own for each change: runs that go on notice what is newer than they are.
      await (erased
        ? before
        : before.where('agreement', '=', agreement).where('purpose', '=', purpose ?? '')
      ).execute();
      await transaction
        .insertInto('subject_opt_out')
        .values(some.map((subject) => ({ ...common, subject, added_at: this.#now().toISOString() })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }

  /** Takes people off the list, of this scope alone. Throws `conflict` if one was erased. @returns how many were on it */
  async remove(
    transaction: Transaction<DatabaseSchema>,
    { dataset, column, subjects }: People,
    { agreement = '', purpose }: OptOutScope,
  ): Promise<number> {
    let removed = 0;
    for (const some of chunks(subjects)) {
      const erased = await transaction
        .selectFrom('subject_opt_out')
        .select('id')
        .where('dataset', '=', dataset)
        .where('key_column', '=', column)
        .where('subject', 'in', some)
        .where('erased', '=', 1)
        .limit(1)
        .executeTakeFirst();
      if (erased !== undefined) {
        throw fault('conflict', 'one of these people was erased, and takes no part any more', {
          hint: 'Leave that one out; nothing was changed.',
        });
      }
      const { numDeletedRows } = await transaction
        .deleteFrom('subject_opt_out')
        .where('dataset', '=', dataset)
        .where('key_column', '=', column)
        .where('subject', 'in', some)
        .where('agreement', '=', agreement)
        .where('purpose', '=', purpose ?? '')
        .executeTakeFirstOrThrow();
      removed += Number(numDeletedRows);
    }
    return removed;
  }

  async groups(): Promise<OptOutGroup[]> {
    const rows = await this.#database
      .selectFrom('subject_opt_out')
      .select(({ fn }) => [
        'dataset',
        'key_column',
        'agreement',
        'purpose',
        'from_date',
        'erased',
        fn.countAll<number>().as('people'),
      ])
      .groupBy(['dataset', 'key_column', 'agreement', 'purpose', 'from_date', 'erased'])
      .orderBy('dataset')
      .orderBy('key_column')
      .orderBy('erased')
      .orderBy('agreement')
      .orderBy('purpose')
      .orderBy('from_date')
      .execute();
    return rows.map((row) => ({
      dataset: row.dataset,
      column: row.key_column,
      agreement: row.agreement || null,
      purpose: row.purpose || null,
      from: row.from_date || null,
      erased: row.erased === 1,
      people: row.people,
    }));
  }

  /** Columns by which people of a data set are listed already. */
  async columns(dataset: string): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('subject_opt_out')
      .select('key_column')
      .distinct()
      .where('dataset', '=', dataset)
      .execute();
    return rows.map((row) => row.key_column);
  }

  async #leftOut(dataset: string, rows: readonly ListedRow[]): Promise<LeftOut> {
    const { bytes } = await this.key();
    const columns = [...new Set(rows.map((row) => row.key_column))];
    const lists = columns.map((column) => ({
      identifiers: new Identifiers(bytes, dataset, column),
      subjects: new Set(rows.flatMap((row) => (row.key_column === column ? [row.subject] : []))),
    }));
    return {
      columns,
      has: (texts) =>
        lists.some(({ identifiers, subjects }, i) => {
          const subject = identifiers.hash(texts[i]!);
          return subject !== null && subjects.has(subject);
        }),
    };
  }

  /** The hash of an agreement and of all versions before it. */
  async #versions(agreement: Agreement): Promise<string[]> {
    const hashes = [agreementHash(agreement)];
    for (let next = agreement.predecessor; next !== null; ) {
      hashes.push(next);
      next = (await this.#agreements.find(next))?.agreement.predecessor ?? null;
    }
    return hashes;
  }
}

function* chunks(subjects: readonly string[]): Generator<string[]> {
  for (let at = 0; at < subjects.length; at += rowsAtOnce) yield subjects.slice(at, at + rowsAtOnce);
}
