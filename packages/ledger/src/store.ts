import { fault } from '@symbolon/crypto';

/** What the store keeps of an entry. Event and salt are null once erased; the hash remains, so the tree does not change. */
export interface LogRecord {
  /** See `entryHash`, 32 bytes. */
  readonly entry: Uint8Array;
  /** Canonical JSON. */
  readonly event: Uint8Array | null;
  /** 32 bytes. */
  readonly salt: Uint8Array | null;
}

/** A record to append, and what is to become durable with it or not at all. */
export interface Addition<Transaction = void> {
  readonly record: LogRecord;
  /**
   * Writes through the transaction that stores the record. If it rejects, neither is stored. Where another process was first it runs
   * again, in a new transaction: it changes nothing else.
   */
  readonly within?: ((transaction: Transaction, index: number) => Promise<void>) | undefined;
}

/** What became of an addition. */
export type Outcome = { readonly index: number } | { readonly error: unknown };

/** What a log holds. */
export interface LogReader {
  /** Number of records. */
  size(): Promise<number>;
  /** Record number `index`; rejects with `not-found` if there is none. */
  entry(index: number): Promise<LogRecord>;
  /** Records start … end − 1 in order, up to the first that does not exist. */
  entries(start: number, end: number): Promise<LogRecord[]>;
  /** `entry` of the same records alone. */
  hashes(start: number, end: number): Promise<Uint8Array[]>;
}

/** Where a log lives. Never shrinks; entries never change, but for the erasure of event and salt. */
export interface LogStore<Transaction = void> extends LogReader {
  /**
   * Stores records in their order from entry number `first` on, in one transaction; one whose `within` rejects is left out, and the
   * next takes its number. When it resolves, the records survive power loss and every later `size` and `entry` shows them. Rejects
   * with `conflict`, storing nothing, unless `first` is the present size: of two writers one wins. After any other rejection the
   * records may or may not be there.
   */
  append(first: number, additions: readonly Addition<Transaction>[]): Promise<Outcome[]>;
}

/** A log store in memory, for tests and rehearsals: durable until the process ends. */
export class MemoryLogStore implements LogStore<void> {
  readonly #records: LogRecord[] = [];

  async append(first: number, additions: readonly Addition<void>[]): Promise<Outcome[]> {
    const kept: LogRecord[] = [];
    const outcomes: Outcome[] = [];
    for (const { record, within } of additions) {
      const index = first + kept.length;
      try {
        await within?.(undefined, index);
      } catch (error) {
        outcomes.push({ error });
        continue;
      }
      kept.push({ ...record });
      outcomes.push({ index });
    }
    if (first !== this.#records.length) throw fault('conflict', `entry ${first} is not the next one`);
    this.#records.push(...kept);
    return outcomes;
  }

  async size(): Promise<number> {
    return this.#records.length;
  }

  async entry(index: number): Promise<LogRecord> {
    const record = this.#records[index];
    if (record === undefined) throw fault('not-found', `the log has no entry ${index}`);
    return record;
  }

  async entries(start: number, end: number): Promise<LogRecord[]> {
    return this.#records.slice(start, end);
  }

  async hashes(start: number, end: number): Promise<Uint8Array[]> {
    return this.#records.slice(start, end).map(({ entry }) => entry);
  }
}
