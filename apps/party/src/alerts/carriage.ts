import { fault } from '@symbolon/crypto';
import { ownerOf, type Page, type Person, pageFrom } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { type HookState, hookStates } from './hooks.ts';
import type { OutboxRow } from './outbox.ts';

/** What becomes of a message: see `alert_outbox`. */
export const outboxStates = ['waiting', 'delivered', 'dead'] as const;
/** One of {@link outboxStates}. */
export type OutboxState = (typeof outboxStates)[number];

/** A message for a partner. What it says is not shown: its sender does not know whom it is about at the receiver. */
export interface OutboxInfo {
  readonly id: string;
  readonly partner: string;
  readonly agreement: string;
  readonly alert: string;
  readonly event: string;
  readonly state: OutboxState;
  readonly tries: number;
  /** Code and message of the last failure, or why it is dead. */
  readonly error: string | null;
  /** When the event happened, and when its source was answered. */
  readonly time: string;
  readonly takenAt: string;
  /** When it was delivered or given up. */
  readonly endedAt: string | null;
}

/** Which messages, and which page of them. */
export interface OutboxQuery {
  readonly state: OutboxState;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** How alerts get to partners, and to programs of the own organisation. @param person who asks; the owner of the folder, if absent */
export class Carriage {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** Messages in one state, those that are due first coming first. */
  async outbox({ state, after, limit }: OutboxQuery): Promise<Page<OutboxInfo>> {
    let query = this.#context.database
      .selectFrom('alert_outbox')
      .selectAll()
      .where('state', '=', state)
      .orderBy('due_at')
      .orderBy('id')
      .limit(limit + 1);
    if (after !== undefined) {
      const [due = '', id = ''] = after.split(' ');
      query = query.where(({ eb, or, and }) =>
        or([eb('due_at', '>', due), and([eb('due_at', '=', due), eb('id', '>', id)])]),
      );
    }
    const rows = await query.execute();
    const { next } = pageFrom(rows, limit, ({ due_at, id }) => `${due_at} ${id}`);
    return { items: rows.slice(0, limit).map(infoOf), next };
  }

  /** How many messages are in each state. */
  async counts(): Promise<Record<OutboxState, number>> {
    const rows = await this.#context.database
      .selectFrom('alert_outbox')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute();
    const of = (state: OutboxState): number => rows.find((row) => row.state === state)?.count ?? 0;
    return { waiting: of('waiting'), delivered: of('delivered'), dead: of('dead') };
  }

  /** Sends a dead message again, if its agreement still lets it go; one that waits stays as it is. Throws `not-found`, and `conflict` for one that arrived. */
  async retry(id: string, person?: Person): Promise<OutboxInfo> {
    const { database, log, now } = this.#context;
    const by = person ?? (await ownerOf(database));
    const { agreement, alert, state } = await this.#row(id);
    if (state === 'delivered')
      throw fault('conflict', `message ${id} has arrived, so it is not sent again`, { culprit: id });
    if (state === 'dead') {
      await log.append({ kind: 'alert-retried', agreement, alert, message: id, by: by.id }, async (transaction) => {
        await transaction
          .updateTable('alert_outbox')
          .set({ state: 'waiting', due_at: now().toISOString(), error: null, ended_at: null })
          .where('id', '=', id)
          .where('state', '=', 'dead')
          .execute();
      });
    }
    return infoOf(await this.#row(id));
  }

  /** How the programs that are told of alerts fare. */
  hooks(): Promise<HookState[]> {
    return hookStates(this.#context);
  }

  async #row(id: string): Promise<OutboxRow> {
    const row = await this.#context.database
      .selectFrom('alert_outbox')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row !== undefined) return row;
    throw fault('not-found', `there is no message ${id} here`, { culprit: id, hint: 'See `symbolon alerts outbox`.' });
  }
}

function infoOf(row: OutboxRow): OutboxInfo {
  return {
    id: row.id,
    partner: row.partner,
    agreement: row.agreement,
    alert: row.alert,
    event: row.class,
    state: row.state,
    tries: row.tries,
    error: row.error,
    time: row.event_at,
    takenAt: row.taken_at,
    endedAt: row.ended_at,
  };
}
