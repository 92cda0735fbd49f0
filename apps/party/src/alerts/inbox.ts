import type { AlertMessage } from '@symbolon/alerts';
import { fault } from '@symbolon/crypto';
import { type DatabaseSchema, numberCursor, ownerOf, type Page, type Person, pageFrom } from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { PartyContext } from '../context.ts';
import { openKept } from './kept-message.ts';

/** What has become of an alert: `open` and `escalated` ones wait for somebody to acknowledge them. */
export const alertStates = ['open', 'escalated', 'acknowledged', 'retracted'] as const;
/** One of {@link alertStates}. */
export type AlertState = (typeof alertStates)[number];

/** An alert that came. */
export interface AlertInfo {
  readonly id: string;
  /** Later ones have larger ones. */
  readonly number: number;
  readonly sender: string;
  /** Hash of the agreement. */
  readonly agreement: string;
  /** Names in the agreement: of the alert, and of the class of the event. */
  readonly alert: string;
  readonly event: string;
  /** Of the own records: values of the key column, or `record N`, counted from 1, where the link has none. */
  readonly keys: readonly string[];
  /** When it happened. */
  readonly time: string;
  readonly receivedAt: string;
  readonly state: AlertState;
  readonly escalatesAt: string | null;
  readonly escalatedAt: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly note: string | null;
  /** The alert that this one takes back: its event has not happened after all. */
  readonly retracts: string | null;
  readonly retractedBy: string | null;
}

/** What else its message says. */
export type AlertSays = Pick<
  AlertMessage,
  'facility' | 'code' | 'value' | 'encounterClass' | 'disposition' | 'practitioner' | 'sentAt'
>;

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

/** The newest of a list, or those after a cursor. */
export interface AlertQuery extends AlertFilter {
  readonly after?: string | undefined;
  readonly limit: number;
}

type Row = Selectable<DatabaseSchema['alert_inbox']>;

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
    const row = await this.#context.database
      .selectFrom('alert_inbox')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw unknown(id);
    return { ...infoOf(row), ...openKept(this.#context, row) };
  }

  /** All that a filter lets through, the oldest first, with what their messages say. */
  async *export(filter: AlertFilter): AsyncGenerator<AlertInfo & AlertSays> {
    for (let number = 0; ; ) {
      const rows = await this.#following(filter, number, exportedAtOnce);
      for (const row of rows) yield { ...infoOf(row), ...openKept(this.#context, row) };
      const last = rows.at(-1);
      if (last === undefined) return;
      number = numberOf(last);
    }
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

  async #acknowledge({ id, agreement, alert }: Row, note: string | undefined, by: Person): Promise<void> {
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

  async #byId(ids: readonly string[]): Promise<Map<string, Row>> {
    const rows = await this.#context.database.selectFrom('alert_inbox').selectAll().where('id', 'in', ids).execute();
    return new Map(rows.map((row) => [row.id, row]));
  }

  #following(filter: AlertFilter, number: number, limit: number): Promise<Row[]> {
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

const exportedAtOnce = 256;

/** Somebody else was first: nothing stands in the log. */
class Earlier extends Error {}

// An alert's number names its entry in the log: the epoch, and the place in it.
const mostEntries = 2 ** 40;

function numberOf({ log_epoch, log_index }: Pick<Row, 'log_epoch' | 'log_index'>): number {
  return (log_epoch - 1) * mostEntries + log_index + 1;
}

function placeOf(number: number): { readonly epoch: number; readonly index: number } {
  return { epoch: Math.floor(number / mostEntries) + 1, index: (number % mostEntries) - 1 };
}

function infoOf(row: Row): AlertInfo {
  return {
    id: row.id,
    number: numberOf(row),
    sender: row.sender,
    agreement: row.agreement,
    alert: row.alert,
    event: row.class,
    keys: JSON.parse(row.keys) as string[],
    time: row.event_at,
    receivedAt: row.received_at,
    state: stateOf(row),
    escalatesAt: row.escalate_at,
    escalatedAt: row.escalated_at,
    acknowledgedAt: row.acknowledged_at,
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
    retracts: row.retracts,
    retractedBy: row.retracted_by,
  };
}

function stateOf({ acknowledged_at, retracted_by, escalated_at }: Row): AlertState {
  if (retracted_by !== null) return 'retracted';
  if (acknowledged_at !== null) return 'acknowledged';
  return escalated_at === null ? 'open' : 'escalated';
}

function unknown(id: string) {
  return fault('not-found', `there is no alert ${id} here`, { culprit: id, hint: 'See `symbolon alerts list`.' });
}
