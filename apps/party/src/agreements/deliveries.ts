import { base64url, SymbolonError } from '@symbolon/crypto';
import { type DatabaseSchema, peerClient } from '@symbolon/service';
import type { Selectable, Transaction } from 'kysely';
import { z } from 'zod';
import type { PartyContext } from '../context.ts';

/** Where a server takes what another party says of an agreement. */
export const noticesPath = '/v1/agreements/notices';
/** What it answers: it has it, durably. */
export const noticeReceipt = z.strictObject({ agreement: z.string(), sequence: z.int() });

type Delivery = Selectable<DatabaseSchema['notice_delivery']>;

/** Notes that partners have to be told; durable with the notice. */
export async function queue(
  transaction: Transaction<DatabaseSchema>,
  {
    agreement,
    sequence,
    partners,
    now,
  }: {
    readonly agreement: string;
    readonly sequence: number;
    readonly partners: readonly string[];
    readonly now: Date;
  },
): Promise<void> {
  const due_at = now.toISOString();
  const rows = partners.map((partner) => ({ agreement, sequence, partner, tries: 0, due_at }));
  await transaction.insertInto('notice_delivery').values(rows).execute();
}

/** Partners that have not heard the newest about an agreement yet. */
export async function untold({ database }: Pick<PartyContext, 'database'>, agreement: string): Promise<string[]> {
  const rows = await database
    .selectFrom('notice_delivery')
    .select('partner')
    .distinct()
    .where('agreement', '=', agreement)
    .where('delivered_at', 'is', null)
    .orderBy('partner')
    .execute();
  return rows.map(({ partner }) => partner);
}

/**
 * Tells partners what they have not heard yet and is due, each partner in order; what fails is tried again later, less and less often.
 * @returns when the next one is due; undefined if nothing waits
 */
export async function deliver(context: PartyContext): Promise<Date | undefined> {
  const { database, now } = context;
  const waiting = await database
    .selectFrom('notice_delivery')
    .selectAll()
    .where('delivered_at', 'is', null)
    .orderBy('agreement')
    .orderBy('sequence')
    .execute();
  const partners = Map.groupBy(waiting, ({ partner }) => partner);
  const next = await Promise.all([...partners].map(([partner, deliveries]) => tell(context, partner, deliveries)));
  const times = next.filter((at) => at !== undefined).sort((a, b) => a.getTime() - b.getTime());
  if (times.length > 0 && times[0]! < now()) return now();
  return times[0];
}

/** One partner, one agreement after the other; a notice never overtakes an earlier one about the same agreement. */
async function tell(
  context: PartyContext,
  partner: string,
  deliveries: readonly Delivery[],
): Promise<Date | undefined> {
  const { home, now } = context;
  const card = home.partners.find(partner);
  // Whoever cannot be reached fetches it (market/fetch.ts); a compute server has no use for it.
  if (card === undefined || card.outbound === true || card.role === 'compute') return undefined;
  let next: Date | undefined;
  const client = peerClient({ home, partner: card });
  try {
    const blocked = new Set<string>();
    for (const delivery of deliveries) {
      const { agreement, sequence } = delivery;
      if (blocked.has(agreement)) continue;
      const due = new Date(delivery.due_at);
      const later =
        due > now() ? due : await attempt(context, delivery, () => sent(context, client, agreement, sequence));
      if (later === undefined) continue;
      blocked.add(agreement);
      if (next === undefined || later < next) next = later;
    }
  } finally {
    await client.close();
  }
  return next;
}

async function sent(
  { home, database }: PartyContext,
  client: ReturnType<typeof peerClient>,
  agreement: string,
  sequence: number,
): Promise<void> {
  const { document } = await database
    .selectFrom('agreement_notice')
    .select('document')
    .where('agreement', '=', agreement)
    .where('party', '=', home.card.id)
    .where('sequence', '=', sequence)
    .executeTakeFirstOrThrow();
  await client.call('POST', noticesPath, { body: { document: base64url(document) }, answer: noticeReceipt });
}

// Seconds between two tries: doubled from the first to the longest.
const firstDelay = 2;
const longestDelay = 3600;

/** @returns when it is tried again; undefined once it is delivered */
async function attempt(
  { database, now, logger }: PartyContext,
  { agreement, sequence, partner, tries }: Delivery,
  send: () => Promise<void>,
): Promise<Date | undefined> {
  const record = (change: Partial<Omit<Delivery, 'agreement' | 'sequence' | 'partner'>>) =>
    database
      .updateTable('notice_delivery')
      .set({ tries: tries + 1, ...change })
      .where('agreement', '=', agreement)
      .where('sequence', '=', sequence)
      .where('partner', '=', partner)
      .execute();
  try {
    await send();
    await record({ delivered_at: now().toISOString(), error: null });
    return undefined;
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    const seconds = Math.min(firstDelay * 2 ** Math.min(tries, 20), longestDelay);
    const due = new Date(now().getTime() + seconds * 1000);
    logger.warn({ agreement, partner, tries: tries + 1, code: error.code }, 'a partner could not be told of a notice');
    await record({ due_at: due.toISOString(), error: `${error.code}: ${error.message}` });
    return due;
  }
}
