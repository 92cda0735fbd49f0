import { hash } from 'node:crypto';
import { hkdf, utf8 } from '@symbolon/crypto';
import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';
import type { PartyContext } from '../context.ts';

/** Names an event within its source without saying anything of it. */
export class Marks {
  readonly #key: Uint8Array;

  /** @param secret 32 bytes of this organisation */
  constructor(secret: Uint8Array) {
    this.#key = hkdf(secret, new Uint8Array(0), utf8('symbolon alert marks'), 32);
  }

  /** 128 bits, base64url. What is hashed begins with a key of one length and ends with another hash: SHA-256 of both is a MAC. */
  of(source: string, text: string): string {
    const inner = hash('sha256', Buffer.concat([this.#key, Buffer.from(`${source}\n${text}`)]), 'buffer');
    return hash('sha256', Buffer.concat([this.#key, inner]), 'base64url').slice(0, 22);
  }
}

/** An event that was answered for. */
export interface MarkedEvent {
  readonly source: string;
  readonly mark: string;
}

/** Which of these events were answered for before, as `source mark`. */
export async function answered(
  { database }: Pick<PartyContext, 'database'>,
  events: readonly MarkedEvent[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const [source, own] of Map.groupBy(events, (event) => event.source)) {
    for (const some of portions(own)) {
      const rows = await database
        .selectFrom('alert_event')
        .select('event')
        .where('source', '=', source)
        .where(
          'event',
          'in',
          some.map(({ mark }) => mark),
        )
        .execute();
      for (const { event } of rows) found.add(`${source} ${event}`);
    }
  }
  return found;
}

/** Keeps that events were answered for. @returns how many were not yet */
export async function mark(
  transaction: Transaction<DatabaseSchema>,
  events: readonly MarkedEvent[],
  at: Date,
): Promise<number> {
  let kept = 0;
  for (const some of portions(events)) {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('alert_event')
      .values(some.map((event) => ({ source: event.source, event: event.mark, taken_at: at.toISOString() })))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    kept += Number(numInsertedOrUpdatedRows ?? 0);
  }
  return kept;
}

const mostAtOnce = 64;

/** Powers of two: a database keeps a statement for each length. */
function* portions<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0, length = mostAtOnce; at < items.length; ) {
    while (length > items.length - at) length /= 2;
    yield items.slice(at, at + length);
    at += length;
  }
}

const keptMilliseconds = 30 * 86_400_000;
const deletedAtOnce = 500;

/** Forgets events that were answered for more than 30 days ago: so late, no source sends one again. A few at a time; @returns whether there may be more. */
export async function forgetOld({ database, now }: Pick<PartyContext, 'database' | 'now'>): Promise<boolean> {
  const oldest = new Date(now().getTime() - keptMilliseconds).toISOString();
  const rows = await database
    .selectFrom('alert_event')
    .select(['source', 'event'])
    .where('taken_at', '<', oldest)
    .orderBy('taken_at')
    .limit(deletedAtOnce)
    .execute();
  for (const [source, own] of Map.groupBy(rows, (row) => row.source)) {
    await database
      .deleteFrom('alert_event')
      .where('source', '=', source)
      .where(
        'event',
        'in',
        own.map(({ event }) => event),
      )
      .execute();
  }
  return rows.length === deletedAtOnce;
}
