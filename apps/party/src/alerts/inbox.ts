import { fault } from '@symbolon/crypto';
import { numberCursor, ownerOf, type Page, type Person, pageFrom } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { type AlertInfo, type AlertRow, type AlertSays, infoOf, numberOf, placeOf } from './alert-info.ts';
import { openKept, says } from './kept-message.ts';

/** Which alerts are listed. */
export interface AlertFilter {
  /** Those that nobody has acknowledged and that were not taken back. */
  readonly open?: boolean | undefined;
  /** Of those, the ones that were raised. */
  readonly escalated?: boolean | undefined;
  /** Received at this moment or later, RFC 3339. */
  readonly since?: string | undefined;
  /** Of this class of events. */
  readonly event?: string | undefined;
}

/** A page of them. */
export interface AlertQuery extends AlertFilter {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Most alerts that are acknowledged at once. */
export const mostAcknowledged = 1000;

/** The alerts that came to an organisation. @param person who asks; the owner of the folder, if absent */
export class AlertInbox {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** The newest first. */
  async list({ after, limit, ...filter }: AlertQuery): Promise<Page<AlertInfo>> {
    let query = this.#filtered(filter).orderBy('log_epoch', 'desc').orderBy('log_index', 'desc');
    if (after !== undefined) {
      const { epoch, index } = placeOf(numberCursor(after));
      query = query.where(({ eb, or, and }) =>
        or([eb('log_epoch', '<', epoch), and([eb('log_epoch', '=', epoch), eb('log_index', '<', index)])]),
      );
    }
    const rows = await query.limit(limit + 1).execute();
    return pageFrom(rows.map(infoOf), limit, ({ number }) => number);
  }

  /** Those that came after one, the oldest first, at most `limit`. @param number of it; 0: all */
  async after(number: number, limit: number): Promise<AlertInfo[]> {
    const rows = await this.#following({}, number, limit);
    return rows.map(infoOf);
  }

  /** Number of the newest; 0 if there is none. */
  async newest(): Promise<number> {
    const { items } = await this.list({ limit: 1 });
    return items[0]?.number ?? 0;
  }

  /** One alert and all that its message says; throws `not-found`. */
  async show(id: string): Promise<AlertInfo & AlertSays> {
    const row = (await this.#byId([id])).get(id);
    if (row === undefined) throw unknown(id);
    return { ...infoOf(row), ...says(openKept(this.#context, row)) };
  }

  /** With what their messages say, the oldest first. */
  async export({ after, limit, ...filter }: AlertQuery): Promise<Page<AlertInfo & AlertSays>> {
    const rows = await this.#following(filter, after === undefined ? 0 : numberCursor(after), limit + 1);
    const { next } = pageFrom(rows, limit, numberOf);
    const items = rows.slice(0, limit).map((row) => ({ ...infoOf(row), ...says(openKept(this.#context, row)) }));
    return { items, next };
  }

  /**
   * Somebody has seen alerts and takes care of them. Who did so first stays; again, nothing changes. Throws `not-found` where one is not here, and changes
   * nothing then.
   * @param note of theirs; it stays here
   */
  async acknowledge(ids: readonly string[], note?: string, person?: Person): Promise<AlertInfo[]> {
    const by = person ?? (await ownerOf(this.#context.database));
    const wanted = [...new Set(ids)];
    const before = await this.#byId(wanted);
    for (const id of wanted) if (!before.has(id)) throw unknown(id);
    const open = wanted.filter((id) => before.get(id)!.acknowledged_at === null);
    await Promise.all(open.map((id) => this.#acknowledge(before.get(id)!, note, by)));
    const after = await this.#byId(wanted);
    return wanted.flatMap((id) => after.get(id) ?? []).map(infoOf);
  }

  async #acknowledge({ id, agreement, alert }: AlertRow, note: string | undefined, by: Person): Promise<void> {
    const { log, now } = this.#context;
    const event = { kind: 'alert-acknowledged', agreement, alert, message: id, by: by.id };
    try {
      await log.append(event, async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('alert_inbox')
          .set({ acknowledged_at: now().toISOString(), acknowledged_by: by.id, note: note ?? null, escalate_at: null })
          .where('id', '=', id)
          .where('acknowledged_at', 'is', null)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) throw new Earlier();
      });
    } catch (error) {
      if (!(error instanceof Earlier)) throw error;
    }
  }

  async #byId(ids: readonly string[]): Promise<Map<string, AlertRow>> {
    const rows = await this.#context.database.selectFrom('alert_inbox').selectAll().where('id', 'in', ids).execute();
    return new Map(rows.map((row) => [row.id, row]));
  }

  #following(filter: AlertFilter, number: number, limit: number): Promise<AlertRow[]> {
    const { epoch, index } = placeOf(number);
    return this.#filtered(filter)
      .where(({ eb, or, and }) =>
        or([eb('log_epoch', '>', epoch), and([eb('log_epoch', '=', epoch), eb('log_index', '>', index)])]),
      )
      .orderBy('log_epoch')
      .orderBy('log_index')
      .limit(limit)
      .execute();
  }

  #filtered({ open, escalated, since, event }: AlertFilter) {
    let query = this.#context.database.selectFrom('alert_inbox').selectAll();
    if (open === true || escalated === true) {
      query = query.where('acknowledged_at', 'is', null).where('retracted_by', 'is', null);
    }
    if (escalated === true) query = query.where('escalated_at', 'is not', null);
    if (since !== undefined) query = query.where('received_at', '>=', new Date(since).toISOString());
    if (event !== undefined) query = query.where('class', '=', event);
    return query;
  }
}

/** Somebody else was first: nothing stands in the log. */
class Earlier extends Error {}

function unknown(id: string) {
  return fault('not-found', `there is no alert ${id} here`, { culprit: id, hint: 'See `symbolon alerts list`.' });
}
