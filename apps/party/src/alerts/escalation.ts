import { backOff, type DatabaseSchema, Lane } from '@symbolon/service';
import type { Selectable } from 'kysely';
import type { PartyContext } from '../context.ts';
import { tellHooks } from './hook-queue.ts';

/** Alerts of one round. */
const atOnce = 256;

/** Raises alerts that nobody has acknowledged in time: they are marked, logged, and hooks are told once more. Runs at: the receiver. */
export class Escalation {
  readonly #context: PartyContext;
  readonly #hooks: readonly string[];
  readonly #raised: () => void;
  readonly #lane: Lane;

  /** @param options.raised called once some were */
  constructor(context: PartyContext, options: { hooks: readonly string[]; raised: () => void }) {
    this.#context = context;
    this.#hooks = options.hooks;
    this.#raised = options.raised;
    this.#lane = new Lane(
      () => this.#round(),
      (error) => {
        context.logger.error({ err: error }, 'alerts could not be escalated; it is tried again');
        return backOff(1, context.rng);
      },
    );
  }

  /** An alert came, or time may have passed. */
  wake(): void {
    this.#lane.wake();
  }

  close(): Promise<void> {
    return this.#lane.close();
  }

  async #round(): Promise<number | undefined> {
    const { database, now } = this.#context;
    const next = await database
      .selectFrom('alert_inbox')
      .select(['id', 'agreement', 'alert', 'escalate_at'])
      .where('escalate_at', 'is not', null)
      .orderBy('escalate_at')
      .limit(atOnce)
      .execute();
    const time = now().getTime();
    const due = next.filter(({ escalate_at }) => Date.parse(escalate_at!) <= time);
    await Promise.all(due.map((alert) => this.#raise(alert)));
    if (due.length > 0) {
      this.#raised();
      return 0;
    }
    return next[0] && Date.parse(next[0].escalate_at!) - time;
  }

  async #raise({
    id,
    agreement,
    alert,
  }: Pick<Selectable<DatabaseSchema['alert_inbox']>, 'id' | 'agreement' | 'alert'>): Promise<void> {
    const { log, now, logger } = this.#context;
    try {
      await log.append({ kind: 'alert-escalated', agreement, alert, message: id }, async (transaction) => {
        const at = now();
        const { numUpdatedRows } = await transaction
          .updateTable('alert_inbox')
          .set({ escalated_at: at.toISOString(), escalate_at: null })
          .where('id', '=', id)
          .where('escalate_at', 'is not', null)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) throw new Settled();
        await tellHooks(transaction, { alert: id, occasion: 'escalated', hooks: this.#hooks, at });
      });
      logger.warn({ agreement, alert, message: id }, 'nobody has acknowledged an alert in time');
    } catch (error) {
      if (!(error instanceof Settled)) throw error;
    }
  }
}

/** It was acknowledged, taken back or erased in this moment: nothing stands in the log. */
class Settled extends Error {}
