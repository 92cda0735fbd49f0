import { type Answer, type Challenge, challengeOf, type SessionOutcome } from '@symbolon/consent';
import { SymbolonError } from '@symbolon/crypto';
import { ticker } from '../../common/ticker.ts';
import type { Context } from '../context.ts';
import { answer } from './answer.ts';
import { Failures } from './failures.ts';
import { lapse, prune } from './lapse.ts';
import { open } from './open.ts';
import type { Professional } from './professional.ts';
import { toOpenSession } from './rows.ts';

const tickMilliseconds = 30_000;

/** Sessions of physicians about patients. Each step is durable before anything leaves; every refusal is in the log. */
export class Sessions {
  readonly #context: Context;
  readonly #failures: Failures;

  constructor(context: Context) {
    this.#context = context;
    this.#failures = new Failures(context);
  }

  /** Takes a module's ticket. Throws `consent-ticket`. @returns what the card has to answer, and until when */
  async open(who: Professional, ticket: Uint8Array): Promise<{ challenge: Challenge; expires: Date }> {
    return this.#logged(who, 'ticket', async () => {
      const row = await open(this.#context, who, ticket);
      const { sessionKeys } = this.#context.keys.numbered(row.key);
      return { challenge: challengeOf(toOpenSession(row, new Map()), sessionKeys), expires: new Date(row.expires_at) };
    });
  }

  /** Takes the answer. Throws `consent-refused`. @param exporter of the connection that it came through */
  async answer(who: Professional, id: string, said: Answer, exporter: Uint8Array): Promise<SessionOutcome> {
    return this.#logged(who, 'answer', () => answer(this.#context, who, id, said, exporter));
  }

  /** {@link tick}, now and again. */
  watch(): { close(): Promise<void> } {
    const { logger } = this.#context;
    return ticker(
      () => this.tick(),
      tickMilliseconds,
      (error) => logger.error({ err: error }, 'sessions could not be looked through'),
    );
  }

  /** Ends what nobody answered in time. */
  async tick(): Promise<void> {
    while ((await lapse(this.#context)) > 0);
    await prune(this.#context);
    this.#context.keys.forget();
  }

  async #logged<Result>(who: Professional, step: 'ticket' | 'answer', work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SymbolonError) await this.#failures.failed(who, step, error.code);
      throw error;
    }
  }
}
