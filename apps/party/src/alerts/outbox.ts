import type { Database, DatabaseSchema } from '@symbolon/service';
import type { Selectable, Transaction } from 'kysely';

/** A message of the outbox as it is kept. */
export type OutboxRow = Selectable<DatabaseSchema['alert_outbox']>;

/** A message for a partner: `document` is the signed one, `id` that of its `AlertMessage`. */
export type OutgoingAlert = Readonly<
  Pick<OutboxRow, 'id' | 'partner' | 'agreement' | 'alert' | 'class' | 'event_at' | 'taken_at'> & {
    document: Uint8Array;
  }
>;

/** Rows of one statement. */
const rowsAtOnce = 64;

/** Puts messages into the outbox: durable with the answer to the source, as it is one transaction. Wake `Delivery` once that is committed. */
export async function enqueue(
  transaction: Transaction<DatabaseSchema>,
  messages: readonly OutgoingAlert[],
): Promise<void> {
  for (let at = 0; at < messages.length; at += rowsAtOnce) {
    const rows = messages
      .slice(at, at + rowsAtOnce)
      .map((message) => ({ ...message, state: 'waiting' as const, tries: 0, due_at: message.taken_at }));
    await transaction.insertInto('alert_outbox').values(rows).execute();
  }
}

/** How many messages wait, at all partners together. */
export async function waiting(database: Database): Promise<number> {
  const { count } = await database
    .selectFrom('alert_outbox')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow();
  return count;
}

/** Which partners messages wait for. */
export async function awaited(database: Database): Promise<string[]> {
  const rows = await database
    .selectFrom('alert_outbox')
    .select('partner')
    .distinct()
    .where('state', '=', 'waiting')
    .execute();
  return rows.map(({ partner }) => partner);
}

/** The messages that have waited longest for a partner, in the order in which their events were answered for. */
export function oldest(database: Database, partner: string, limit: number): Promise<OutboxRow[]> {
  return database
    .selectFrom('alert_outbox')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('partner', '=', partner)
    .orderBy('due_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}
