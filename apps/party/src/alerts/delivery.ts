import { base64url, SymbolonError } from '@symbolon/crypto';
import { backOff, type Database, PartnerLane } from '@symbolon/service';
import { authorizeTelling } from '../authorize/alert.ts';
import type { AlertGrant } from '../authorize/alert-received.ts';
import type { PartyContext } from '../context.ts';
import { awaited, bury, delivered, type OutboxRow, oldest, postpone } from './outbox.ts';
import { type AlertResult, alertsAnswer, alertsPath, longestDocuments, mostMessages } from './wire.ts';

// What other processes have written is found after so long.
const lookMilliseconds = 5000;
const dayMilliseconds = 86_400_000;

/**
 * Carries messages from the outbox to partners, each partner apart from the others, at least once: a message leaves the outbox when its receiver has it. Runs
 * at: the sender.
 */
export class Delivery {
  readonly #context: PartyContext;
  readonly #partners = new Map<string, PartnerLane>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** Begins with what waits. */
  start(): void {
    this.#timer = setInterval(() => void this.#look(), lookMilliseconds).unref();
    void this.#look();
  }

  /** Messages for this partner were committed. */
  wake(partner: string): void {
    if (this.#closed) return;
    const known = this.#partners.get(partner) ?? new ToPartner(this.#context, partner).lane;
    this.#partners.set(partner, known);
    known.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#partners.values()].map((partner) => partner.close()));
  }

  async #look(): Promise<void> {
    try {
      for (const partner of await awaited(this.#context.database)) this.wake(partner);
    } catch (error) {
      this.#context.logger.error({ err: error }, 'the outbox of alerts could not be read; it is tried again');
    }
  }
}

/** Failures that say nothing of what was sent: nobody has looked at it. */
const unanswered: readonly string[] = [
  'peer-gone',
  'peer-silent',
  'bad-certificate',
  'unauthenticated',
  'too-many-requests',
];

/** What goes to one partner: one request at a time, on a connection that is kept. */
class ToPartner {
  readonly #context: PartyContext;
  readonly #partner: string;
  readonly lane: PartnerLane;
  /** Messages of the next request: one, where the partner could not answer more at once. */
  #most = mostMessages;

  constructor(context: PartyContext, partner: string) {
    this.#context = context;
    this.#partner = partner;
    this.lane = new PartnerLane({
      ...{ home: context.home, partner, rng: context.rng, now: context.now },
      round: () => this.#round(),
      failed: (error) =>
        context.logger.error({ partner, err: error }, 'alerts could not be delivered; they are tried again'),
    });
  }

  async #round(): Promise<number | undefined> {
    const { database, now } = this.#context;
    const waiting = await oldest(database, this.#partner, this.#most);
    const time = now().getTime();
    const due = waiting.filter(({ due_at }) => Date.parse(due_at) <= time);
    if (due.length === 0) return waiting[0] && Math.max(1, Date.parse(waiting[0].due_at) - time);
    const agreed = await this.#agreed(due);
    if (agreed.length > 0) await this.#send(fitting(agreed));
    return 0;
  }

  /** Those that this party may tell now, by its agreements, approvals and links; the others are buried, and all that wait with them. */
  async #agreed(due: readonly OutboxRow[]): Promise<OutboxRow[]> {
    const { home, agreements, approvals, now } = this.#context;
    const agreed: OutboxRow[] = [];
    for (const [, rows] of Map.groupBy(due, ({ agreement, alert }) => `${agreement} ${alert}`)) {
      const { agreement, alert } = rows[0]!;
      const stored = await agreements.find(agreement);
      const successors = await agreements.successors(agreement);
      const named = { agreement, alert, from: home.card.id, to: this.#partner };
      const given = await approvals.list({ action: 'alerts', agreement, name: '' });
      const decision = authorizeTelling(named, { home, stored, successors, approvals: given, now: now() });
      if (decision.grant) agreed.push(...(await this.#fresh(decision, rows)));
      else await bury(this.#context, { ...named, partner: this.#partner }, decision);
    }
    return agreed.sort((x, y) => due.indexOf(x) - due.indexOf(y));
  }

  /** Messages of one alert whose link is not too old by now, and those that take back what was told. */
  async #fresh({ alert: { linkDays } }: AlertGrant, rows: readonly OutboxRow[]): Promise<OutboxRow[]> {
    const { database, now } = this.#context;
    const fresh: OutboxRow[] = [];
    for (const [link, some] of Map.groupBy(rows, (row) => row.link)) {
      const back = some.filter(({ retracts }) => retracts !== null);
      const endedAt = await endOf(database, some[0]!.agreement, link);
      const isFresh = now().getTime() <= endedAt + linkDays * dayMilliseconds;
      fresh.push(...(isFresh ? some : back));
      if (isFresh || back.length === some.length) continue;
      const reason = `pairs are used for ${linkDays} days after their link, and these messages waited longer`;
      const { partner, agreement, alert } = some[0]!;
      await bury(this.#context, { partner, agreement, alert, link }, { code: 'alert-link', reason });
    }
    return fresh;
  }

  async #send(rows: readonly OutboxRow[]): Promise<void> {
    try {
      const { results } = await this.lane.client().call('POST', alertsPath, {
        body: { documents: rows.map(({ document }) => base64url(document!)) },
        answer: alertsAnswer.refine(
          (answer) =>
            answer.results.length === rows.length &&
            answer.results.every(({ id }, i) => id === null || id === rows[i]!.id),
          'must name the messages that were sent, in their order',
        ),
        signal: this.lane.signal,
      });
      await this.#ended(rows, results);
      this.lane.succeeded();
      this.#most = Math.min(2 * this.#most, mostMessages);
    } catch (error) {
      if (this.lane.signal.aborted) return;
      await this.#hindered(rows, error);
    }
  }

  async #ended(rows: readonly OutboxRow[], results: readonly AlertResult[]): Promise<void> {
    const taken = rows.filter((_, i) => results[i]!.outcome !== 'refused');
    await delivered(this.#context, taken);
    await Promise.all(
      rows.map(async (row, i) => {
        const { outcome, code = 'peer-refused', message = 'it gave no reason' } = results[i]!;
        if (outcome !== 'refused') return;
        await bury(this.#context, row, { code, reason: `${this.#partner} answered: ${message}` });
      }),
    );
  }

  /** A request failed. One message that its receiver cannot answer is not in the way of others for long. */
  async #hindered(rows: readonly OutboxRow[], error: unknown): Promise<void> {
    if (!(error instanceof SymbolonError)) throw error;
    const { logger, rng } = this.#context;
    this.lane.failed();
    const { code } = error;
    logger.warn(
      { partner: this.#partner, code, messages: rows.length, tries: this.lane.failures },
      'alerts could not be delivered',
    );
    const alone = rows.length === 1 && !unanswered.includes(code);
    await postpone(this.#context, rows, {
      error: `${code}: ${error.message}`,
      by: alone ? backOff(rows[0]!.tries + 1, rng) : 0,
    });
    this.#most = unanswered.includes(code) ? this.#most : 1;
    if (unanswered.includes(code)) await this.lane.hangUp();
  }
}

/** When a link was done here, ms since 1970; NaN where there is none. */
async function endOf(database: Database, agreement: string, link: string): Promise<number> {
  const run = await database
    .selectFrom('run')
    .select('ended_at')
    .where('agreement', '=', agreement)
    .where('attempt', '=', link)
    .where('study', 'is', null)
    .where('state', '=', 'done')
    .executeTakeFirst();
  return Date.parse(run?.ended_at ?? '');
}

/** As many as one request has room for; at least one. */
function fitting(rows: readonly OutboxRow[]): OutboxRow[] {
  let length = 0;
  return rows.filter(({ document }, i) => {
    // In base64url, with quotes and a comma.
    length += Math.ceil((document!.length * 4) / 3) + 3;
    return i === 0 || length <= longestDocuments;
  });
}
