import type { Database, DatabaseSchema } from '@symbolon/service';
import type { Selectable, Transaction } from 'kysely';
import type { PartyContext } from '../context.ts';

/** A message of the outbox as it is kept. */
export type OutboxRow = Selectable<DatabaseSchema['alert_outbox']>;

/** A message for a partner: `document` is the signed one, `id` that of its `AlertMessage`. */
export type OutgoingAlert = Readonly<
  Pick<
    OutboxRow,
    'id' | 'partner' | 'agreement' | 'alert' | 'class' | 'subject' | 'link' | 'retracts' | 'event_at' | 'taken_at'
  > & {
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

/** Messages have arrived: what they said is erased here. */
export async function delivered(
  { database, now }: Pick<PartyContext, 'database' | 'now'>,
  messages: readonly Pick<OutboxRow, 'id'>[],
): Promise<void> {
  if (messages.length === 0) return;
  await database
    .updateTable('alert_outbox')
    .set(({ eb }) => ({
      state: 'delivered',
      document: null,
      error: null,
      tries: eb('tries', '+', 1),
      ended_at: now().toISOString(),
    }))
    .where(
      'id',
      'in',
      messages.map(({ id }) => id),
    )
    .where('state', '=', 'waiting')
    .execute();
}

/** Messages were tried in vain. @param later.by milliseconds by which they go behind others */
export async function postpone(
  { database, now }: Pick<PartyContext, 'database' | 'now'>,
  messages: readonly Pick<OutboxRow, 'id'>[],
  { error, by }: { readonly error: string; readonly by: number },
): Promise<void> {
  const later = by === 0 ? {} : { due_at: new Date(now().getTime() + by).toISOString() };
  await database
    .updateTable('alert_outbox')
    .set(({ eb }) => ({ error, tries: eb('tries', '+', 1), ...later }))
    .where(
      'id',
      'in',
      messages.map(({ id }) => id),
    )
    .where('state', '=', 'waiting')
    .execute();
}

/**
 * Messages will not arrive: those of one alert that wait for a partner, or some of them. They stay, to be looked at and sent again.
 * @param which `id` of the one, if it is one; `link` of those that tell by it, if they are these
 */
export async function bury(
  { log, logger, now }: Pick<PartyContext, 'log' | 'logger' | 'now'>,
  which: Pick<OutboxRow, 'partner' | 'agreement' | 'alert'> & { readonly id?: string; readonly link?: string },
  { code, reason }: { readonly code: string; readonly reason: string },
): Promise<void> {
  const { partner, agreement, alert, id, link } = which;
  const event = { kind: 'alert-undeliverable', agreement, alert, to: partner, code, message: id ?? null };
  logger.warn({ partner, agreement, alert, code }, 'alerts are undeliverable');
  await log.append(event, async (transaction) => {
    await transaction
      .updateTable('alert_outbox')
      .set({ state: 'dead', error: `${code}: ${reason}`, ended_at: now().toISOString() })
      .where('partner', '=', partner)
      .where('agreement', '=', agreement)
      .where('alert', '=', alert)
      .where('state', '=', 'waiting')
      .$if(id !== undefined, (query) => query.where('id', '=', id!))
      .$if(link !== undefined, (query) => query.where('link', '=', link!).where('retracts', 'is', null))
      .execute();
  });
}
