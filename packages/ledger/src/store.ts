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

/** Where a log lives. Never shrinks; entries never change, but for the erasure of event and salt. */
export interface LogStore {
  /**
   * Stores the record of entry number `index`. When it resolves, the record survives power loss and every later `size` and
   * `entry` shows it. Rejects with `conflict`, storing nothing, unless `index` is the present size: of two writers one wins.
   * After any other rejection the record may or may not be there.
   */
  append(index: number, record: LogRecord): Promise<void>;
  /** Number of records. */
  size(): Promise<number>;
  /** Record number `index`; rejects with `not-found` if there is none. */
  entry(index: number): Promise<LogRecord>;
}

/** A log store in memory, for tests and rehearsals: durable until the process ends. */
export class MemoryLogStore implements LogStore {
  readonly #records: LogRecord[] = [];

  async append(index: number, record: LogRecord): Promise<void> {
    if (index !== this.#records.length) throw fault('conflict', `entry ${index} is not the next one`);
    this.#records.push({ ...record });
  }

  async size(): Promise<number> {
    return this.#records.length;
  }

  async entry(index: number): Promise<LogRecord> {
    const record = this.#records[index];
    if (record === undefined) throw fault('not-found', `the log has no entry ${index}`);
    return record;
  }
}
