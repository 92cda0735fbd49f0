import { resolve } from 'node:path';
import { fault } from '@symbolon/crypto';
import type { Also, Database } from '@symbolon/service';
import { z } from 'zod';
import type { InspectedColumn } from '../data/infer.ts';
import { inspectSource } from '../data/inspect.ts';
import type { DataSource, Problem } from '../data/source.ts';
import type { LegalHolds } from '../subjects/holds.ts';
import { type TableDescription, tableDescription } from './describe.ts';
import type { Uploads } from './uploads.ts';

/** A data set as its organisation sees it. Of its records it holds nothing but the smallest and largest value of a column. */
export interface DatasetInfo {
  readonly name: string;
  /** Where the records are; a database's password is left out. */
  readonly source: DataSource;
  /** Its file was added by a browser, and belongs to the data set. */
  readonly uploaded?: true;
  readonly columns: readonly InspectedColumn[];
  /** Records without a fault. */
  readonly rows: number;
  /** The first faults, at most 100. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** How the source was understood, in sentences. */
  readonly notes: readonly string[];
  readonly addedAt: string;
}

const datasetName = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/);

/** What people do with data sets. */
export interface OwnData extends Pick<Datasets, 'add' | 'list' | 'show'> {
  /** Forgets one that no agreement names. Throws `not-found`, `legal-hold`, `conflict`. */
  remove(name: string, also?: Also): Promise<void>;
}

/** The data sets of an organisation: where they are and what was found there, never their records. */
export class Datasets {
  readonly #database: Database;
  readonly #uploads: Uploads;
  readonly #holds: LegalHolds;
  readonly #now: () => Date;

  constructor(params: { database: Database; uploads: Uploads; holds: LegalHolds; now: () => Date }) {
    this.#database = params.database;
    this.#uploads = params.uploads;
    this.#holds = params.holds;
    this.#now = params.now;
  }

  /**
   * Reads a source once and keeps where it is and what was found. A name that is there already gets the new source; a file that was uploaded for
   * the old one is deleted. Throws `legal-hold` where it may not be, `request-invalid` (name), `config-invalid` (no such file), `data-malformed` where not even columns can be found.
   */
  async add(name: string, source: DataSource, also?: Also): Promise<DatasetInfo> {
    if (!datasetName.safeParse(name).success) {
      throw fault('request-invalid', `'${name}' cannot name a data set`, {
        culprit: name,
        hint: 'Use lower-case letters, digits, - and _, beginning with a letter.',
      });
    }
    const found = 'path' in source ? { ...source, path: resolve(source.path) } : source;
    const { rows, ...inspection } = await inspectSource(found);
    const [first] = inspection.problems;
    if (inspection.columns.length === 0) {
      throw fault(
        'data-malformed',
        first === undefined ? `${name} has no columns` : `${first.file}: ${first.message}`,
        {
          culprit: first?.file ?? name,
        },
      );
    }
    const notes = [...inspection.notes, ...(await this.#listsElsewhere(name, found))];
    const row = {
      source: JSON.stringify(found),
      columns: JSON.stringify({ ...inspection, notes }),
      rows,
      added_at: this.#now().toISOString(),
    };
    const before = await this.#database.transaction().execute(async (transaction) => {
      const replaced = await this.requireReplaceable(name, transaction);
      await transaction
        .insertInto('dataset')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
      await also?.(transaction);
      return replaced;
    });
    if (before !== undefined) await this.dropUnnamed(before);
    return this.show(name);
  }

  /** Throws `legal-hold` where a name may not get another source, as its uploaded file would be deleted. @returns the source that it has */
  async requireReplaceable(name: string, database: Database = this.#database): Promise<DataSource | undefined> {
    const row = await database.selectFrom('dataset').select('source').where('name', '=', name).executeTakeFirst();
    if (row === undefined) return undefined;
    const source = JSON.parse(row.source) as DataSource;
    if (this.#uploads.owns(source)) await this.#holds.requireNone(database, [name]);
    return source;
  }

  /** Forgets a data set, and deletes its file where that was uploaded. Throws `not-found`, `legal-hold`. */
  async remove(name: string, also?: Also): Promise<void> {
    const { source } = await this.#find(name);
    await this.#database.transaction().execute(async (transaction) => {
      await this.#holds.requireNone(transaction, [name]);
      await transaction.deleteFrom('dataset').where('name', '=', name).execute();
      await also?.(transaction);
    });
    await this.dropUnnamed(source);
  }

  /** Where the records of all data sets are. */
  async sources(): Promise<DataSource[]> {
    const rows = await this.#database.selectFrom('dataset').select('source').execute();
    return rows.map(({ source }) => JSON.parse(source) as DataSource);
  }

  async list(): Promise<DatasetInfo[]> {
    const rows = await this.#database.selectFrom('dataset').selectAll().orderBy('name').execute();
    return rows.map((row) => this.#shown(asInfo(row)));
  }

  /** Throws `not-found`. */
  async show(name: string): Promise<DatasetInfo> {
    return this.#shown(await this.#find(name));
  }

  /** What a partner needs to draft an agreement: columns and types, no content. */
  async describe(name: string): Promise<TableDescription> {
    return tableDescription(await this.#find(name));
  }

  /** The source as it was given, to read records from. */
  async source(name: string): Promise<DataSource> {
    return (await this.#find(name)).source;
  }

  #shown(info: DatasetInfo): DatasetInfo {
    const { source } = info;
    return { ...info, source: withoutPassword(source), ...(this.#uploads.owns(source) ? { uploaded: true } : {}) };
  }

  /** Deletes an uploaded file that no data set names. */
  async dropUnnamed(source: DataSource): Promise<void> {
    const text = JSON.stringify(source);
    if ((await this.sources()).every((one) => JSON.stringify(one) !== text)) await this.#uploads.drop(source);
  }

  /** Lists of people belong to a name: what is said where the same source is there under another one that has a list. */
  async #listsElsewhere(name: string, source: DataSource): Promise<string[]> {
    const rows = await this.#database
      .selectFrom('dataset')
      .innerJoin('subject_opt_out', 'subject_opt_out.dataset', 'dataset.name')
      .select('dataset.name')
      .distinct()
      .where('dataset.source', '=', JSON.stringify(source))
      .where('dataset.name', '!=', name)
      .orderBy('dataset.name')
      .execute();
    return rows.map(
      (other) =>
        `The data set '${other.name}' has the same source, and people take no part in it. Lists belong to a name: they take part in '${name}' until you list them there, too (symbolon subject opt-out ${name}).`,
    );
  }

  async #find(name: string): Promise<DatasetInfo> {
    const row = await this.#database.selectFrom('dataset').selectAll().where('name', '=', name).executeTakeFirst();
    if (row !== undefined) return asInfo(row);
    const known = await this.#database.selectFrom('dataset').select('name').orderBy('name').limit(20).execute();
    throw fault('not-found', `there is no data set '${name}' here`, {
      culprit: name,
      hint:
        known.length === 0
          ? 'Add one with `symbolon data add`.'
          : `Known data sets: ${known.map((dataset) => dataset.name).join(', ')}.`,
    });
  }
}

function asInfo(row: { name: string; source: string; columns: string; rows: number; added_at: string }): DatasetInfo {
  const inspection = JSON.parse(row.columns) as Pick<DatasetInfo, 'columns' | 'problems' | 'problemCount' | 'notes'>;
  const source = JSON.parse(row.source) as DataSource;
  return { name: row.name, source, ...inspection, rows: row.rows, addedAt: row.added_at };
}

function withoutPassword(source: DataSource): DataSource {
  if (!('url' in source) || !URL.canParse(source.url)) return source;
  const url = new URL(source.url);
  if (url.password !== '') url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return { ...source, url: url.href };
}
