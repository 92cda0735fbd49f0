import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';

/** A physician's relation to a patient. */
export interface Relation {
  readonly module: string;
  readonly id: string;
  /** Internal number. */
  readonly patient: number;
  readonly physician: string;
  readonly institution: string;
  /** Whether this physician may add records: not who came by break-glass alone. */
  readonly writes: boolean;
  /** Whether others see its records only after the patient's next consent. */
  readonly draft: boolean;
}

/** A window in which a physician may read records of others. */
export interface Window {
  readonly grant: number;
  readonly session: string;
  readonly kind: 'consent' | 'reopened' | 'break-glass';
  /** Whose records; internal number. */
  readonly patient: number;
  readonly group: string;
  /** Only records until this moment (RFC 3339); all if null. */
  readonly recordsUntil: string | null;
  /** Which patient the relation was of at that moment: of others that were merged with it later, nothing was seen. */
  readonly patientThen: number;
  readonly until: string;
}

/** What a physician may read of a patient now: own records always, of others' what stands in the windows. */
export interface Scope {
  readonly relation: Relation;
  readonly windows: readonly Window[];
}

/** What decides about a record. */
export interface RecordPlace {
  /** The relation that it was added through. */
  readonly relation: string;
  /** Whose that relation is. */
  readonly patient: number;
  readonly group: string;
  /** When its first version was added. */
  readonly recordedAt: string;
  /** Of a relation whose records others do not see yet. */
  readonly draft: boolean;
}

/** Groups with the moment until which records count, as a grant keeps them. */
export type GrantedGroups = readonly (readonly [group: string, recordsUntil: string | null])[];

/** Who may read what. Kept by sessions alone; asked before every record leaves. */
export class Grants {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor({ database, now }: { readonly database: Database; readonly now: () => Date }) {
    this.#database = database;
    this.#now = now;
  }

  /** A physician's relation. Throws `not-found` where there is none, and the same where it is another physician's or module's. */
  async relation(physician: { readonly module: string; readonly physician: string }, id: string): Promise<Relation> {
    const row = await this.#database
      .selectFrom('centre_relation')
      .selectAll()
      .where('module', '=', physician.module)
      .where('id', '=', id)
      .where('physician', '=', physician.physician)
      .executeTakeFirst();
    if (row === undefined) {
      throw fault('not-found', 'this physician has no such relation to a patient here', {
        hint: 'Ask the module for a ticket, and begin a session with it first.',
      });
    }
    const { added_at: _, shown_at: __, writes, draft, ...rest } = row;
    return { ...rest, writes: writes === 1, draft: draft === 1 };
  }

  /** @param within to read in a transaction */
  async scope(relation: Relation, within: Database = this.#database): Promise<Scope> {
    const rows = await within
      .selectFrom('centre_grant')
      .select(['id', 'session', 'kind', 'patient', 'groups', 'until_at'])
      .where('module', '=', relation.module)
      .where('relation', '=', relation.id)
      .where('kind', 'in', ['consent', 'reopened', 'break-glass'])
      .where('until_at', '>', this.#now().toISOString())
      .where('closed_at', 'is', null)
      .orderBy('id')
      .execute();
    const reopens = rows.some(({ kind }) => kind === 'reopened');
    const patientAt = reopens ? await patients(within, relation) : () => relation.patient;
    const windows = rows.flatMap(({ id, session, kind, patient, groups, until_at: until }) =>
      (JSON.parse(groups) as GrantedGroups).map(
        ([group, recordsUntil]): Window => ({
          grant: id,
          session,
          kind: kind as Window['kind'],
          patient,
          group,
          recordsUntil,
          patientThen: recordsUntil === null ? patient : patientAt(recordsUntil),
          until,
        }),
      ),
    );
    return { relation, windows };
  }

  /**
   * The session by which the patient, with the card, sees the registry now: `view` or `export`. Throws `forbidden` where there is none. Not `independent`:
   * whoever asked may have known the answer without the card, so it shows no more than what this physician did and may read.
   * @param within to read in a transaction
   */
  async patientPresent(
    relation: Relation,
    kind: 'view' | 'export',
    within: Database = this.#database,
  ): Promise<{ session: string; independent: boolean }> {
    const row = await within
      .selectFrom('centre_grant')
      .select(['session', 'independent'])
      .where('module', '=', relation.module)
      .where('relation', '=', relation.id)
      .where('kind', '=', kind)
      .where('until_at', '>', this.#now().toISOString())
      .where('closed_at', 'is', null)
      .orderBy('independent', 'desc')
      .orderBy('id', 'desc')
      .executeTakeFirst();
    if (row === undefined) throw fault('forbidden', "this needs the patient's card: begin a session for it first");
    return { session: row.session, independent: row.independent === 1 };
  }
}

/** Which patient a relation was of, at any moment. */
async function patients(within: Database, { module, id, patient }: Relation): Promise<(at: string) => number> {
  const moves = await within
    .selectFrom('centre_move')
    .select(['patient', 'until_at'])
    .where('module', '=', module)
    .where('relation', '=', id)
    .orderBy('until_at')
    .execute();
  return (at) => moves.find(({ until_at }) => until_at >= at)?.patient ?? patient;
}

/** Which window lets a record be read; `own`, or undefined where nothing does. */
export function mayRead({ relation, windows }: Scope, record: RecordPlace): Window | 'own' | undefined {
  if (record.relation === relation.id) return 'own';
  if (record.draft) return undefined;
  return windows.find(
    ({ patient, group, recordsUntil }) =>
      patient === record.patient &&
      group === record.group &&
      (recordsUntil === null || record.recordedAt <= recordsUntil),
  );
}
