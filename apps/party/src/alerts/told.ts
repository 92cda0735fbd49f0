import type { DatabaseSchema } from '@symbolon/service';
import type { Selectable, Transaction } from 'kysely';
import type { PartyContext } from '../context.ts';
import { Outdated } from './current.ts';

/** What a partner was told of a patient. */
export type ToldRow = Selectable<DatabaseSchema['alert_told']>;

/** Of whom, by which alert. `subject` is the keyed hash of the patient. */
export type ToldOf = Pick<ToldRow, 'agreement' | 'alert' | 'subject'>;

/** What was told, as it is known while a batch is decided: what the batch itself tells stands here before it is kept. */
export class Told {
  readonly #database: PartyContext['database'];
  readonly #known = new Map<string, Promise<ToldRow[]>>();

  constructor({ database }: Pick<PartyContext, 'database'>) {
    this.#database = database;
  }

  /** @param classes that the alert has */
  of({ agreement, alert, subject }: ToldOf, classes: readonly string[]): Promise<ToldRow[]> {
    const name = `${agreement} ${alert} ${subject}`;
    const known =
      this.#known.get(name) ??
      this.#database
        .selectFrom('alert_told')
        .selectAll()
        .where('agreement', '=', agreement)
        .where('alert', '=', alert)
        .where('class', 'in', classes)
        .where('subject', '=', subject)
        .execute();
    this.#known.set(name, known);
    return known;
  }
}

/** Keeps that something was told, or taken back. Throws {@link Outdated} where another process has done so meanwhile. */
export async function keepTold(transaction: Transaction<DatabaseSchema>, row: ToldRow): Promise<void> {
  const { message, event_at, retracted_at } = row;
  if (retracted_at === null) {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('alert_told')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['agreement', 'alert', 'class', 'subject', 'episode'])
          .doUpdateSet({ message, event_at, retracted_at: null })
          .where('alert_told.retracted_at', 'is not', null),
      )
      .executeTakeFirstOrThrow();
    if ((numInsertedOrUpdatedRows ?? 0n) === 0n) throw new Outdated();
    return;
  }
  const { numUpdatedRows } = await transaction
    .updateTable('alert_told')
    .set({ retracted_at })
    .where('agreement', '=', row.agreement)
    .where('alert', '=', row.alert)
    .where('class', '=', row.class)
    .where('subject', '=', row.subject)
    .where('episode', '=', row.episode)
    .where('retracted_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new Outdated();
}

/** Deletes messages of people that have not left yet, those that take something back too. @param agreement that they take no part in; any, if undefined */
export async function withhold(
  transaction: Transaction<DatabaseSchema>,
  subjects: readonly string[],
  agreement: string | undefined,
): Promise<void> {
  for (let at = 0; at < subjects.length; at += subjectsAtOnce) {
    const some = subjects.slice(at, at + subjectsAtOnce);
    await transaction
      .deleteFrom('alert_outbox')
      .where('state', '!=', 'delivered')
      .where('subject', 'in', some)
      .$if(agreement !== undefined, (query) => query.where('agreement', '=', agreement!))
      .execute();
  }
}

/** Forgets what was told of people, and deletes messages that are kept of them. @param subjects their keyed hashes */
export async function eraseTold(transaction: Transaction<DatabaseSchema>, subjects: readonly string[]): Promise<void> {
  for (let at = 0; at < subjects.length; at += subjectsAtOnce) {
    const some = subjects.slice(at, at + subjectsAtOnce);
    await transaction.deleteFrom('alert_outbox').where('subject', 'in', some).execute();
    await transaction.deleteFrom('alert_told').where('subject', 'in', some).execute();
  }
}

const subjectsAtOnce = 500;
