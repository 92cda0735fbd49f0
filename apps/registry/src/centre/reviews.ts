import { fault } from '@symbolon/crypto';
import type { WithinAppend } from '@symbolon/service';
import type { Context } from './context.ts';
import type { Review } from './contracts.ts';

const mostListed = 1000;

/** Looking at accesses without the card afterwards. */
export class Reviews {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The oldest first. @param all also those that somebody has looked at */
  async list({ all }: { readonly all: boolean }): Promise<Review[]> {
    const { database, now } = this.#context;
    const time = now().toISOString();
    const query = database
      .selectFrom('centre_review')
      .innerJoin('centre_consent', 'centre_consent.session', 'centre_review.session')
      .select(['centre_review.session', 'centre_review.module', 'centre_review.physician', 'institution', 'purpose'])
      .select(['groups', 'answered_at', 'due_at', 'finding', 'note', 'reviewed_by', 'reviewed_at'])
      .orderBy('due_at')
      .orderBy('centre_review.session')
      .limit(mostListed);
    const rows = await (all ? query : query.where('reviewed_at', 'is', null)).execute();
    return rows.map((row) => ({
      session: row.session,
      module: row.module,
      physician: row.physician,
      institution: row.institution,
      reason: row.purpose,
      groups: JSON.parse(row.groups) as string[],
      at: row.answered_at,
      due: row.due_at,
      overdue: row.reviewed_at === null && row.due_at <= time,
      finding: row.finding,
      note: row.note,
      reviewedBy: row.reviewed_by,
      reviewedAt: row.reviewed_at,
    }));
  }

  /** Throws `not-found`, and `conflict` where somebody has looked at it before. @param by the account @param also part of the same transaction */
  async finish(
    session: string,
    { finding, note, by }: { readonly finding: 'justified' | 'abuse'; readonly note: string; readonly by: string },
    also?: WithinAppend,
  ): Promise<void> {
    const { log, now } = this.#context;
    await log.append({ kind: 'access-reviewed', session, finding, by }, async (within, index) => {
      const row = await within
        .selectFrom('centre_review')
        .select('reviewed_at')
        .where('session', '=', session)
        .executeTakeFirst();
      if (row === undefined) throw fault('not-found', `there was no access without a card in session ${session}`);
      if (row.reviewed_at !== null) throw fault('conflict', 'somebody has looked at this access before');
      await within
        .updateTable('centre_review')
        .set({ finding, note, reviewed_by: by, reviewed_at: now().toISOString() })
        .where('session', '=', session)
        .execute();
      await also?.(within, index);
    });
  }

  /** Raises an alarm for each that nobody has looked at in time, once. */
  async watch(): Promise<void> {
    const { database, log, now, alarms } = this.#context;
    const time = now().toISOString();
    const late = await database
      .selectFrom('centre_review')
      .selectAll()
      .where('reviewed_at', 'is', null)
      .where('alarmed_at', 'is', null)
      .where('due_at', '<=', time)
      .limit(mostListed)
      .execute();
    for (const { session, module, patient, physician } of late) {
      await log.append({ kind: 'review-overdue', session, module }, async (within) => {
        const update = within.updateTable('centre_review').set({ alarmed_at: time });
        await update.where('session', '=', session).execute();
        const text = 'Nobody has looked in time at an access that was made without the card.';
        const who = { module, patient, physician, installation: null };
        await alarms.raise({ alarm: 'review-overdue', ...who, text, tellPatient: false }, within);
      });
    }
  }
}
