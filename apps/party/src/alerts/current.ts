import type { DatabaseSchema, ServerLog } from '@symbolon/service';
import type { Transaction } from 'kysely';
import type { PartyContext } from '../context.ts';
import { type AlertTerms, type SilentAlert, TermsReader } from './terms.ts';

/** Thrown inside a transaction: something has changed since the terms were read that may change what is told. */
export class Outdated extends Error {}

/** What stands at one place of the log. */
export interface Standing {
  readonly terms: readonly AlertTerms[];
  readonly silent: readonly SilentAlert[];
  readonly day: string;
  /** Entries of the log that say nothing more of it: those before this one. */
  seen: number;
}

/**
 * The alerts that are told, as they stand. Agreements, approvals, links and opt-outs change with an entry in the log, each in one transaction: terms hold
 * while the log has got no other entries than those of alerts, and no longer than a day.
 */
export class CurrentTerms {
  readonly #log: ServerLog;
  readonly #now: () => Date;
  readonly #reader: TermsReader;
  #standing: Promise<Standing> | undefined;
  readonly #checked = new WeakMap<Transaction<DatabaseSchema>, Promise<number>>();

  constructor(context: PartyContext) {
    this.#log = context.log;
    this.#now = context.now;
    this.#reader = new TermsReader(context);
  }

  async get(): Promise<Standing> {
    const before = this.#standing;
    const known = await before;
    if (known !== undefined && known.day === this.#today()) return known;
    if (this.#standing !== before && this.#standing !== undefined) return this.#standing;
    this.#standing = this.#read();
    this.#standing.catch(() => this.drop());
    return this.#standing;
  }

  /** They are read again when they are next asked for. */
  drop(): void {
    this.#standing = undefined;
  }

  /**
   * Holds, within the transaction that keeps what was decided by them, that the terms stand. Throws {@link Outdated}.
   * @returns the entry that was looked at last, for {@link advance} once the transaction is durable
   */
  requireCurrent({ seen }: Standing, transaction: Transaction<DatabaseSchema>): Promise<number> {
    const checked = this.#checked.get(transaction) ?? this.#check(seen, transaction);
    this.#checked.set(transaction, checked);
    return checked;
  }

  async #check(seen: number, transaction: Transaction<DatabaseSchema>): Promise<number> {
    const rows = await transaction
      .selectFrom('log_entry')
      .select(['index', 'event'])
      .where('epoch', '=', this.#log.epoch)
      .where('index', '>=', seen)
      .orderBy('index')
      .execute();
    if (!rows.every(({ event }) => event !== null && isOfAlerts(event))) throw new Outdated();
    return rows.at(-1)?.index ?? seen - 1;
  }

  async #read(): Promise<Standing> {
    await this.#log.refresh();
    // Before reading, so that what changes meanwhile is noticed.
    const seen = this.#log.size;
    const day = this.#today();
    return { ...(await this.#reader.read()), day, seen };
  }

  #today(): string {
    return this.#now().toISOString().slice(0, 10);
  }
}

/** Entries up to this one say nothing new: they were looked at, or are own ones. */
export function advance(standing: Standing, index: number): void {
  standing.seen = Math.max(standing.seen, index + 1);
}

const kind = /"kind":"alert-/;

// An event is canonical JSON, whose strings are escaped: a quote within one is never bare.
function isOfAlerts(event: Uint8Array): boolean {
  return kind.test(Buffer.from(event).toString('latin1'));
}
