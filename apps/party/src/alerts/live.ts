import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';
import { requireLive } from '../agreements/state.ts';
import type { PartyContext } from '../context.ts';

/** Holds that agreements are not stopped, within the transactions of messages: once a transaction, as many messages share one. */
export class LiveAgreements {
  readonly #agreements: PartyContext['agreements'];
  readonly #held = new WeakMap<Transaction<DatabaseSchema>, Map<string, Promise<void>>>();

  constructor({ agreements }: Pick<PartyContext, 'agreements'>) {
    this.#agreements = agreements;
  }

  /** Throws as `requireLive` does. */
  require(transaction: Transaction<DatabaseSchema>, hash: string): Promise<void> {
    const held = this.#held.get(transaction) ?? new Map<string, Promise<void>>();
    this.#held.set(transaction, held);
    const live = held.get(hash) ?? requireLive(this.#agreements.within(transaction), hash);
    held.set(hash, live);
    return live;
  }
}
