import { fault, hashLabelled, type Rng } from '@symbolon/crypto';
import type { AnswerKey, PartyMasks } from '@symbolon/engine';
import type { Kernels, Ptr } from '@symbolon/kernels';
import { everyPair } from '../outcome.ts';
import type { LinkResult, Pairs } from '../pairs.ts';
import type { LinkOptions, LinkSession } from '../session.ts';
import { TwoPartySession } from '../two-party.ts';
import { type Digests, digestKeys } from './digests.ts';
import { findRows, partBits, partRows, type Values } from './find.ts';
import { NONE, type NumberedKeys } from './keys.ts';
import { Contradiction, Meetings } from './meetings.ts';
import { type RunKeys, runKeys, storeKey } from './oprf.ts';
import { bothLearn, byRole, type PsiTerms, receiverOf, rowsByRole, sharing } from './program.ts';
import { type PsiCost, type PsiRows, psiCost, streams } from './shape.ts';
import { decodeAt, type StoreKeys, storeKeys } from './store.ts';
import { expandHash, hideAndKeep, readOffset, senderDecoded, senderPart } from './vole.ts';

/** Every pair to both, where nothing else is said. */
export type PsiOptions = Pick<PsiTerms, 'rows'> &
  Partial<PsiTerms> &
  Omit<LinkOptions<never>, 'program' | 'name' | 'pause'> &
  Partial<Pick<LinkOptions<never>, 'name' | 'pause'>>;

/**
 * Exact intersection of two tables by key (PROTOCOLS §3): VOLE-PSI of Raghuraman and Rindal (CCS 2022), with the vector-OLE from the
 * dealer. `exchange`, then `evaluate`, then `end`; each once.
 *
 * Runs at: both parties. Learns, where the program says so: which of its rows have a key that a row of the other side has, and the number of
 * that row; nothing about the others.
 */
export class PsiSession extends TwoPartySession implements LinkSession<NumberedKeys, LinkResult> {
  readonly #terms: PsiTerms;
  /** 0: the receiver, 1: the sender. */
  readonly #role: 0 | 1;
  readonly #index: number;
  readonly #rows: PsiRows;
  readonly #masks: PartyMasks;
  readonly #kernels: Kernels;
  readonly #rng: Rng;
  readonly #cost: PsiCost;
  #own: { readonly keys: RunKeys; readonly digests: Digests } | undefined;
  /** The receiver's: its keys in the store, and the sender's F values. */
  #stored: StoreKeys | undefined;
  #values: Values | undefined;

  constructor(options: PsiOptions) {
    const { rows, index, masks, kernels, rng } = options;
    const { name = (party) => `party ${party}`, pause = () => Promise.resolve() } = options;
    super({ ...options, name, pause });
    const { cardinality = everyPair.cardinality, to = everyPair.to } = options;
    this.#terms = { rows, cardinality, to };
    this.#role = index === receiverOf(this.#terms) ? 0 : 1;
    this.#index = index;
    this.#rows = rowsByRole(this.#terms);
    this.#masks = masks;
    this.#kernels = kernels;
    this.#rng = rng;
    this.#cost = psiCost(this.#rows);
  }

  /**
   * Random starts both ways; then the receiver sends its keys, encoded and under a one-time pad, and the sender the F values of its own.
   * Without the answer key the receiver can compare them with nothing.
   *
   * @param own the keys of this side's rows; their bytes are overwritten
   * @returns the hash that both sign: of all that either side puts in
   * @throws SymbolonError `frame-shape`, `frame-order`, or what the channel throws
   */
  async exchange(own: NumberedKeys, salt: Uint8Array): Promise<Uint8Array> {
    this.once('exchange');
    if (own.present.length !== this.#rows[this.#role]) throw fault('internal', 'keys and rows differ in number');
    const salts: [Uint8Array, Uint8Array] = [salt, salt];
    salts[1 - this.#role] = await this.exchangeStarts(salt);
    const keys = runKeys(salts);
    const digests = await this.paused(digestKeys(this.#kernels, own, keys.digest, this.#rng));
    own.data.fill(0);
    this.#own = { keys, digests };
    await (this.#role === 0 ? this.#sendKeys() : this.#sendValues());
    // Frames so far are all that either side puts in, behind both random starts.
    return hashLabelled('symbolon masked data', ...this.transcript(1 - this.#index));
  }

  /** Runs at: the receiver. */
  async #sendKeys(): Promise<void> {
    const { vectorBytes, valueBytes } = this.#cost;
    const pad = this.#masks.own.stream(streams.pad);
    const hiding = { kernels: this.#kernels, ...this.#own!, pad, vectorBytes, rng: this.#rng };
    const { seed, vector, own } = await this.paused(hideAndKeep(hiding));
    this.#stored = own;
    await this.send(seed);
    await this.send(vector);
    const { arena } = this.#kernels;
    const [rows, width] = [this.#rows[1], valueBytes];
    const ptr = arena.alloc(width * rows);
    await this.receive(arena.bytes(ptr, width * rows));
    this.#values = { ptr, rows, width };
  }

  /** Runs at: the sender, which does what it can before the receiver's keys have come, or while they come. */
  async #sendValues(): Promise<void> {
    const [kernels, { keys, digests }, [stored]] = [this.#kernels, this.#own!, this.#rows];
    const { vectorBytes: bytes } = this.#cost;
    const part = await this.paused(senderPart(kernels, this.#masks.own, bytes));
    const seed = await this.receive(new Uint8Array(32));
    const own = await this.paused(storeKeys(kernels, digests, storeKey(keys, seed), stored));
    const vector = kernels.arena.alloc(bytes);
    await this.receive(kernels.arena.bytes(vector, bytes));
    const steps = senderDecoded(kernels, own, digests.rows, part, vector, { bytes, stored });
    const { ptr, rows, width } = await this.#cut(await this.paused(steps));
    await this.send(kernels.arena.bytes(ptr, width * rows));
  }

  /**
   * Yields the share of the work that is done; last of all the pairs of row numbers that belong together, of a and b, in the order of the
   * receiver's; or nothing.
   *
   * @param answerKey the receiver's C
   */
  async *evaluate(answerKey?: AnswerKey): AsyncGenerator<number, LinkResult> {
    this.once('evaluate');
    const hits = new Uint8Array(4 * this.#rows[1]);
    const numbers = new Uint32Array(hits.buffer);
    const told = bothLearn(this.#terms);
    if (this.#role === 0) await this.#findHits(answerKey!, numbers);
    else if (told) await this.receive(hits);
    else return { kind: 'nothing' };
    yield 0.7;
    const meetings = this.#checked(() => {
      const found = new Meetings(this.#rows, numbers);
      found.requireHeads(this.#role, this.#own!.digests.heads);
      return found;
    });
    if (this.#role === 0 && told) await this.send(hits);
    yield 0.9;
    return { kind: 'pairs', ...(await this.#pairs(meetings)) };
  }

  /** Runs at: the receiver. @param numbers gets the receiver's row for each of the sender's, or NONE */
  async #findHits(answerKey: AnswerKey, numbers: Uint32Array): Promise<void> {
    const [kernels, { digests }] = [this.#kernels, this.#own!];
    const { answerKeyBytes: bytes } = this.#cost;
    const [slots, asked] = await Promise.all([
      readOffset(kernels, answerKey, bytes, this.channel),
      // While the answer key comes.
      this.paused(partRows(kernels, this.#values!, partBits(digests.rows))),
    ]);
    const store = { slots, bytes, stored: this.#rows[0], blocks: 1 };
    const values = await this.#cut(await this.paused(decodeAt(kernels, this.#stored!, digests.rows, store)));
    // First rows of a key only, as others have random values.
    const present = kernels.arena.alloc(digests.rows);
    kernels.arena.bytes(present, digests.rows).set(digests.first);
    await this.paused(findRows(kernels, { ...values, present }, asked, numbers));
  }

  /** H'(value, x) for each own row, cut: what is compared. @param values 16 bytes a row, freed */
  async #cut(values: Ptr): Promise<Values> {
    const { abi, arena } = this.#kernels;
    const { digests, keys } = this.#own!;
    const { rows } = digests;
    const { valueBytes } = this.#cost;
    const [hashes, out] = [arena.alloc(16 * rows), arena.alloc(valueBytes * rows)];
    await this.paused(expandHash(this.#kernels, digests, values, keys.outer, 16, hashes));
    abi.copyRows(out, valueBytes, hashes, 16, valueBytes, rows);
    for (const block of [values, hashes]) arena.free(block);
    return { ptr: out, rows, width: valueBytes };
  }

  protected wipe(): void {
    this.#own = undefined;
    this.#stored = undefined;
    this.#values = undefined;
    this.#kernels.arena.zeroise();
  }

  /**
   * All pairs of rows whose first rows met. Where such rows are in the result, a side tells the other which of its rows share the key of a
   * row that met, in a frame of one length whatever is in it, and nothing of other rows.
   */
  async #pairs(meetings: Meetings): Promise<Pairs> {
    const [role, peer] = [this.#role, 1 - this.#role];
    const shares = sharing(this.#terms);
    const none = (of: number): Uint32Array => new Uint32Array(this.#rows[of]!).fill(NONE);
    const own = shares[role] ? meetings.sharers(role, this.#own!.digests.heads) : none(role);
    const theirs = none(peer);
    await Promise.all([
      shares[role] && bothLearn(this.#terms) ? this.send(bytesOf(own)) : undefined,
      shares[peer] ? this.receive(bytesOf(theirs)) : undefined,
    ]);
    const { a, b } = this.#checked(() => {
      meetings.requireSharers(peer, theirs);
      return meetings.pairs(role === 0 ? [own, theirs] : [theirs, own]);
    });
    const [p0, p1] = byRole([a, b], this.#terms);
    return { a: p0, b: p1 };
  }

  #shape(what: string): Error {
    return fault('frame-shape', `the peer ${what}`, { culprit: this.peer });
  }

  /** Names the peer where what it sent contradicts itself. */
  #checked<Result>(step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      throw error instanceof Contradiction ? this.#shape(error.message) : error;
    }
  }
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
