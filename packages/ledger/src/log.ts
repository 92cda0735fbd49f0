import { canonicalBytes, concat, fault, type SigningKey, SymbolonError } from '@symbolon/crypto';
import { signCheckpoint } from './checkpoint.ts';
import { entryHash } from './entry.ts';
import { MerkleHasher } from './merkle-hasher.ts';
import { leafHash } from './proofs.ts';
import type { Addition, LogStore, Outcome } from './store.ts';
import { HashTree } from './tree.ts';

const maxTries = 8;
const maxBatch = 1024;
const pageLength = 4096;

interface Waiting<Transaction> extends Addition<Transaction> {
  resolve(index: number): void;
  reject(error: unknown): void;
}

/**
 * An append-only Merkle log over a store. Several processes may append to one store; each call is safe on its own. Appends that are made
 * while the store is busy go to it together, in their order.
 */
export class Log<Transaction = void> {
  readonly origin: string;
  readonly #records: LogStore<Transaction>;
  readonly #tree = new HashTree();
  readonly #waiting: Waiting<Transaction>[] = [];
  #last: Promise<unknown> = Promise.resolve();

  private constructor(origin: string, store: LogStore<Transaction>) {
    this.origin = origin;
    this.#records = store;
  }

  /** Opens the log in a store; reads every entry's hash once. */
  static async open<Transaction>(origin: string, store: LogStore<Transaction>): Promise<Log<Transaction>> {
    const log = new Log(origin, store);
    await log.refresh();
    return log;
  }

  /** Entries this process knows of. */
  get size(): number {
    return this.#tree.size;
  }

  /**
   * Appends an event and resolves to its index when it is durable. If it rejects, the event may or may not be in the log:
   * appending it again is safe, and at worst repeats it.
   * @param salt 32 fresh random bytes
   * @param within see {@link Addition}; if it rejects, so does the call, and the event is not in the log
   */
  async append(event: unknown, salt: Uint8Array, within?: Addition<Transaction>['within']): Promise<number> {
    const bytes = canonicalBytes(event);
    const record = { entry: entryHash(bytes, salt), event: bytes, salt: salt.slice() };
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#waiting.push({ record, within, resolve, reject });
    // One turn for each call; the first takes all that wait, so most find nothing left to do.
    void this.#inTurn(() => this.#appendWaiting());
    return promise;
  }

  async #appendWaiting(): Promise<void> {
    const batch = this.#waiting.splice(0, maxBatch);
    if (batch.length === 0) return;
    try {
      const outcomes = await this.#store(batch);
      for (const [i, outcome] of outcomes.entries()) {
        if ('error' in outcome) batch[i]!.reject(outcome.error);
        else batch[i]!.resolve(outcome.index);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #store(batch: readonly Waiting<Transaction>[]): Promise<Outcome[]> {
    for (let tries = 1; ; tries++) {
      try {
        const outcomes = await this.#records.append(this.#tree.size, batch);
        for (const [i, outcome] of outcomes.entries()) {
          if ('index' in outcome) this.#tree.append(leafHash(batch[i]!.record.entry));
        }
        return outcomes;
      } catch (error) {
        // Another process was first, or an earlier append was stored although it reported failure.
        if (!(error instanceof SymbolonError && error.code === 'conflict') || tries === maxTries) throw error;
        await this.#catchUp();
      }
    }
  }

  /** Learns of entries that other processes have appended. */
  async refresh(): Promise<void> {
    await this.#inTurn(() => this.#catchUp());
  }

  /** Root of the tree of this size, 32 bytes. */
  root(size = this.size): Uint8Array {
    return this.#tree.root(size);
  }

  /** The checkpoint of this size as a signed note. */
  checkpoint(key: SigningKey, size = this.size): string {
    return signCheckpoint({ origin: this.origin, size, root: this.root(size) }, key);
  }

  /** Proof that entry `index` is in the tree of this size; see `verifyInclusion`. */
  inclusionProof(index: number, size = this.size): Uint8Array[] {
    return this.#tree.inclusionProof(index, size);
  }

  /** Proof that the tree of `newSize` extends that of `oldSize`; see `verifyConsistency`. */
  consistencyProof(oldSize: number, newSize = this.size): Uint8Array[] {
    return this.#tree.consistencyProof(oldSize, newSize);
  }

  /** A hash tile of C2SP tlog-tiles; see {@link HashTree.tile}. */
  tile(level: number, index: number, width = 256): Uint8Array {
    return this.#tree.tile(level, index, width);
  }

  async #catchUp(): Promise<void> {
    const size = await this.#records.size();
    if (this.#tree.size >= size) return;
    const hasher = new MerkleHasher();
    while (this.#tree.size < size) {
      const start = this.#tree.size;
      const hashes = await this.#records.hashes(start, Math.min(size, start + pageLength));
      if (hashes.length === 0) throw fault('not-found', `the log has no entry ${start}`);
      const wrong = hashes.findIndex(({ length }) => length !== 32);
      if (wrong !== -1) throw fault('bad-document', `entry ${start + wrong} of the log is not a SHA-256 hash`);
      this.#tree.appendAll(hasher.leaves(concat(...hashes)), hasher);
    }
  }

  /** Runs one task after the other, whatever becomes of the one before. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
