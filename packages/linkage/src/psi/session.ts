import { ArrivingOkvs, fault, hashLabelled, type Rng } from '@symbolon/crypto';
import { type AnswerKey, MAX_FRAME, type PartyMasks } from '@symbolon/engine';
import type { Kernels, Ptr } from '@symbolon/kernels';
import { everyPair } from '../outcome.ts';
import type { LinkResult, Pairs } from '../pairs.ts';
import type { LinkOptions, LinkSession } from '../session.ts';
import { TwoPartySession } from '../two-party.ts';
import { type Digests, digestKeys } from './digests.ts';
import { findRows, partBits, partRows, type Values } from './find.ts';
import { NONE, type NumberedKeys, SLICE } from './keys.ts';
import { Contradiction, Meetings } from './meetings.ts';
import { type RunKeys, runKeys, storeKey } from './oprf.ts';
import { Outbox } from './outbox.ts';
import { bothLearn, byRole, type PsiTerms, receiverOf, rowsByRole, sharing } from './program.ts';
import { type PsiCost, type PsiRows, psiCost, streams } from './shape.ts';
import { type StoreKeys, storeKeys } from './store.ts';
import { beginHiding, expandHash, readOffset, SenderValues, senderPart } from './vole.ts';

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
    const { seed, own, solve, piece, end } = await this.paused(beginHiding(hiding));
    this.#stored = own;
    await this.send(seed);
    await this.paused(solve());
    const outbox = this.#outbox();
    await outbox.upTo(vectorBytes, vectorBytes, piece);
    await outbox.end();
    end();
    const { arena } = this.#kernels;
    const [rows, width] = [this.#rows[1], valueBytes];
    const ptr = arena.alloc(width * rows);
    await this.receive(arena.bytes(ptr, width * rows));
    this.#values = { ptr, rows, width };
  }

  #outbox(): Outbox {
    return new Outbox((frame) => {
      // Before another frame is made: its memory may serve another session.
      this.channel.requireOpen();
      return this.send(frame);
    });
  }

  /** Runs at: the sender, which does what it can before the receiver's keys have come, or while they come. */
  async #sendValues(): Promise<void> {
    const [kernels, { keys, digests }, [stored]] = [this.#kernels, this.#own!, this.#rows];
    const { vectorBytes: bytes } = this.#cost;
    const part = await this.paused(senderPart(kernels, this.#masks.own, bytes));
    const seed = await this.receive(new Uint8Array(32));
    const own = await this.paused(storeKeys(kernels, digests, storeKey(keys, seed), stored));
    const values = new SenderValues(kernels, own, digests.rows, part, { bytes, stored });
    for (let at = 0; at < bytes; at += MAX_FRAME) {
      const length = Math.min(MAX_FRAME, bytes - at);
      await this.receive(kernels.arena.bytes(values.vector + at, length));
      await this.paused(values.add(at, length));
    }
    const outbox = this.#outbox();
    await this.#cut(values.end(), ({ ptr, rows, width }, done) =>
      outbox.upTo(width * done, width * rows, (from, length) => kernels.arena.bytes(ptr + from, length)),
    );
    await outbox.end();
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
    const out = kernels.arena.alloc(16 * digests.rows);
    let arriving: ArrivingOkvs | undefined;
    const arrived = (ptr: Ptr, there: number): Promise<void> => {
      const slots = { ptr, bytes, keys: this.#rows[0] };
      arriving ??= new ArrivingOkvs({ kernels, ...this.#stored!, n: digests.rows, slots, out });
      return this.paused(arriving.decodeUpTo(there));
    };
    const [, asked] = await Promise.all([
      readOffset(kernels, answerKey, bytes, this.channel, arrived),
      // While the answer key comes.
      this.paused(partRows(kernels, this.#values!, partBits(digests.rows))),
    ]);
    const values = await this.#cut(out);
    // First rows of a key only, as others have random values.
    const present = kernels.arena.alloc(digests.rows);
    kernels.arena.bytes(present, digests.rows).set(digests.first);
    await this.paused(findRows(kernels, { ...values, present }, asked, numbers));
  }

  /**
   * H'(value, x) for each own row, cut: what is compared.
   *
   * @param values 16 bytes a row, freed
   * @param progress told how many rows are done
   */
  async #cut(values: Ptr, progress?: (cut: Values, done: number) => Promise<void>): Promise<Values> {
    const { abi, arena } = this.#kernels;
    const { digests, keys } = this.#own!;
    const { rows } = digests;
    const { valueBytes: width } = this.#cost;
    const [hashes, ptr] = [arena.alloc(16 * SLICE), arena.alloc(width * rows)];
    const cut = { ptr, rows, width };
    for (let at = 0; at < rows; at += SLICE) {
      const some = { ptr: digests.ptr + 32 * at, rows: Math.min(SLICE, rows - at) };
      await this.paused(expandHash(this.#kernels, some, values + 16 * at, keys.outer, 16, hashes));
      abi.copyRows(ptr + width * at, width, hashes, 16, width, some.rows);
      await progress?.(cut, at + some.rows);
    }
    for (const block of [values, hashes]) arena.free(block);
    return cut;
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
