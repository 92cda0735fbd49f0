import { decodeOkvs, encodeOkvs, equalBytes, fault, hashLabelled, type Rng } from '@symbolon/crypto';
import {
  type AnswerKey,
  type Channel,
  type PartyMasks,
  receiveMessage,
  sendMessage,
  TranscriptChannel,
} from '@symbolon/engine';
import { GF_TABLE_BYTES, type Kernels, type Ptr } from '@symbolon/kernels';
import type { LinkInput, LinkSession, Pair } from '../session.ts';
import { ByteIndex, type Digests, digestKeys, NONE, SLICE } from './keys.ts';
import { Contradiction, Meetings } from './meetings.ts';
import { innerHash, outerHash, type RunKeys, runKeys, storeKey, storeRows } from './oprf.ts';
import { type PsiCost, type PsiRows, psiCost, streams } from './shape.ts';

export interface PsiOptions {
  readonly rows: PsiRows;
  /** 0: the receiver, 1: the sender. */
  readonly index: number;
  readonly masks: PartyMasks;
  readonly channel: Channel;
  readonly kernels: Kernels;
  readonly rng: Rng;
  readonly name?: (party: number) => string;
  /** Gives others their turn between slices of work of some milliseconds. */
  readonly pause?: () => Promise<void>;
}

/** A store is encoded anew at most so often; each attempt fails with probability ≤ 2^-42. */
const ATTEMPTS = 3;
/** Values of the answer key read at a time. */
const READ = 1 << 20;

/**
 * Exact intersection of two tables by key (PROTOCOLS §3): VOLE-PSI of Raghuraman and Rindal (CCS 2022), with the vector-OLE from the
 * dealer. `exchange`, then `evaluate`, then `end`; each once.
 *
 * Runs at: both parties. Learns: which of its rows have a key that a row of the other side has, and the number of that row; nothing about the others.
 */
export class PsiSession implements LinkSession {
  readonly #rows: PsiRows;
  readonly #index: number;
  readonly #masks: PartyMasks;
  readonly #channel: TranscriptChannel;
  readonly #kernels: Kernels;
  readonly #rng: Rng;
  readonly #name: (party: number) => string;
  readonly #pause: () => Promise<void>;
  readonly #cost: PsiCost;
  readonly #begun = new Set<string>();
  #keys: RunKeys | undefined;
  #digests: Digests | undefined;
  /** The receiver's OKVS seed and A ⊕ P: with the salts, all the masked data there is. */
  #seed = new Uint8Array(32);
  #vector: Uint8Array = new Uint8Array(0);

  constructor(options: PsiOptions) {
    const { rows, index, masks, channel, kernels, rng } = options;
    this.#rows = rows;
    this.#index = index;
    this.#masks = masks;
    this.#channel = new TranscriptChannel(channel, index);
    this.#kernels = kernels;
    this.#rng = rng;
    this.#name = options.name ?? ((party) => `party ${party}`);
    this.#pause = options.pause ?? (() => Promise.resolve());
    this.#cost = psiCost(rows);
  }

  get sentBytes(): number {
    return this.#channel.sentBytes;
  }

  get receivedBytes(): number {
    return this.#channel.receivedBytes;
  }

  transcript(peer: number): readonly [Uint8Array, Uint8Array] {
    return this.#channel.digest(peer);
  }

  /**
   * Random starts both ways; then the receiver sends its keys, encoded and under a one-time pad.
   *
   * @returns the hash that both sign
   * @throws SymbolonError `frame-shape`, `frame-order`, or what the channel throws
   */
  async exchange(input: Pick<LinkInput, 'keys'>, salt: Uint8Array): Promise<Uint8Array> {
    this.#once('exchange');
    const keys = input.keys();
    if (keys.present.length !== this.#rows[this.#index]) throw fault('internal', 'keys and rows differ in number');
    const salts: [Uint8Array, Uint8Array] = [salt, salt];
    const theirs = new Uint8Array(salt.length);
    await Promise.all([this.#send(salt), this.#receive(theirs)]);
    salts[1 - this.#index] = theirs;
    if (equalBytes(salt, theirs)) throw fault('frame-order', 'the peer sent this party’s own random start back');
    this.#keys = runKeys(salts);
    this.#digests = await this.#paused(digestKeys(this.#kernels, keys, this.#keys.digest, this.#rng));
    keys.data.fill(0);
    if (this.#index === 0) {
      await this.#encode(this.#digests, this.#keys);
      await this.#send(this.#seed);
      await this.#send(this.#vector);
    } else {
      await this.#receive(this.#seed);
      this.#vector = await this.#receive(new Uint8Array(this.#cost.vectorBytes));
    }
    return hashLabelled('symbolon masked data', ...salts, this.#seed, this.#vector);
  }

  /**
   * Yields the share of the work that is done, last of all the pairs of row numbers that belong together, of a and b, in their order.
   *
   * @param answerKey the receiver's C
   */
  async *evaluate(answerKey?: AnswerKey): AsyncGenerator<number, readonly Pair[]> {
    this.#once('evaluate');
    const values = this.#index === 0 ? yield* this.#receiverValues(answerKey!) : yield* this.#senderValues();
    yield 0.7;
    const sender = this.#rows[1];
    const { valueBytes } = this.#cost;
    // The receiver's row for each of the sender's: first rows of a key only, as others have random digests.
    const hits = new Uint8Array(4 * sender);
    const numbers = new Uint32Array(hits.buffer);
    const { heads } = this.#digests!;
    let meetings: Meetings;
    if (this.#index === 0) {
      const theirs = await this.#receive(new Uint8Array(valueBytes * sender));
      await this.#paused(lookUp(values, heads, theirs, valueBytes, numbers));
      meetings = this.#checked(() => new Meetings(this.#rows, numbers));
      await this.#send(hits);
    } else {
      await this.#send(values);
      await this.#receive(hits);
      if (numbers.some((other, row) => other !== NONE && heads[row] !== row))
        throw this.#shape('met a row that has no key of its own');
      meetings = this.#checked(() => new Meetings(this.#rows, numbers));
    }
    values.fill(0);
    yield 0.9;
    return this.#pairs(meetings);
  }

  /** Overwrites everything that this session held. Again: nothing. */
  end(): void {
    if (this.#begun.has('end')) return;
    this.#begun.add('end');
    this.#channel.close();
    this.#vector.fill(0);
    this.#keys = undefined;
    this.#digests = undefined;
    this.#kernels.arena.zeroise();
  }

  /** Runs at: the receiver. P encodes x → H(x); A ⊕ P hides it. A store that fails is made anew before anything is sent. */
  async #encode(digests: Digests, keys: RunKeys): Promise<void> {
    const { abi, arena } = this.#kernels;
    const { vectorBytes } = this.#cost;
    const [values, rows, slots] = [
      arena.alloc(16 * digests.rows),
      arena.alloc(64 * digests.rows),
      arena.alloc(vectorBytes),
    ];
    await this.#paused(innerHash(this.#kernels, digests, keys.inner, values));
    let encoded = false;
    for (let attempt = 0; attempt < ATTEMPTS && !encoded; attempt++) {
      this.#seed = this.#rng(32).slice();
      await this.#paused(storeRows(this.#kernels, digests, storeKey(this.#keys!, this.#seed), rows));
      encoded = await this.#paused(
        encodeOkvs({ kernels: this.#kernels, rows, values, n: digests.rows, slots, random: this.#rng }),
      );
    }
    if (!encoded) throw fault('internal', `the keys could not be encoded in ${ATTEMPTS} attempts`);
    const pad = arena.alloc(vectorBytes);
    this.#masks.own.stream(streams.pad).fill(arena.bytes(pad, vectorBytes), 0);
    abi.xor(pad, pad, slots, vectorBytes);
    this.#vector = arena.bytes(pad, vectorBytes).slice();
    for (const block of [values, rows, slots, pad]) arena.free(block);
  }

  /** Runs at: the receiver. F(x) = H'(decode(C, x), x). */
  async *#receiverValues(answerKey: AnswerKey): AsyncGenerator<number, Uint8Array> {
    const { arena } = this.#kernels;
    const { answerKeyBytes } = this.#cost;
    const c = arena.alloc(answerKeyBytes);
    for (let at = 0; at < answerKeyBytes; at += READ) {
      const part = await answerKey.read(Math.min(READ, answerKeyBytes - at));
      arena.bytes(c + at, part.length).set(part);
      part.fill(0);
      yield (0.4 * at) / answerKeyBytes;
    }
    const digests = this.#digests!;
    const decoded = await this.#decode(digests, c);
    return await this.#paused(outerHash(this.#kernels, digests, decoded, this.#keys!.outer, this.#cost.valueBytes));
  }

  /** Runs at: the sender. K = B ⊕ D·(A ⊕ P); F(y) = H'(decode(K, y) ⊕ D·H(y), y). */
  async *#senderValues(): AsyncGenerator<number, Uint8Array> {
    const { abi, arena } = this.#kernels;
    const { vectorBytes } = this.#cost;
    const digests = this.#digests!;
    const [table, scalar, vector, k] = [GF_TABLE_BYTES, 16, vectorBytes, vectorBytes].map((bytes) =>
      arena.alloc(bytes),
    ) as [Ptr, Ptr, Ptr, Ptr];
    this.#masks.own.stream(streams.scalar).fill(arena.bytes(scalar, 16), 0);
    abi.gfTable(table, scalar);
    arena.bytes(vector, vectorBytes).set(this.#vector);
    this.#masks.own.stream(streams.offset).fill(arena.bytes(k, vectorBytes), 0);
    abi.gfMulAddFixed(k, vector, table, vectorBytes / 16);
    yield 0.2;
    const decoded = await this.#decode(digests, k);
    yield 0.5;
    const inner = arena.alloc(16 * digests.rows);
    await this.#paused(innerHash(this.#kernels, digests, this.#keys!.inner, inner));
    abi.gfMulAddFixed(decoded, inner, table, digests.rows);
    return await this.#paused(outerHash(this.#kernels, digests, decoded, this.#keys!.outer, this.#cost.valueBytes));
  }

  /** The sums over a vector of slots at the rows of one's own keys, 16 bytes each. */
  async #decode(digests: Digests, slots: Ptr): Promise<Ptr> {
    const { arena } = this.#kernels;
    const [rows, out] = [arena.alloc(64 * digests.rows), arena.alloc(16 * digests.rows)];
    await this.#paused(storeRows(this.#kernels, digests, storeKey(this.#keys!, this.#seed), rows));
    const store = { ptr: slots, bytes: this.#cost.vectorBytes, keys: this.#rows[0] };
    await this.#paused(decodeOkvs({ kernels: this.#kernels, rows, n: digests.rows, slots: store, out }));
    arena.free(rows);
    return out;
  }

  /**
   * All pairs of rows whose first rows met. Each side tells the other which of its rows share the key of a row that met, in frames of
   * one length whatever is in them, and nothing of other rows.
   */
  async #pairs(meetings: Meetings): Promise<readonly Pair[]> {
    const own = meetings.sharers(this.#index, this.#digests!.heads);
    const theirs = new Uint32Array(this.#rows[1 - this.#index]!);
    await Promise.all([this.#send(bytesOf(own)), this.#receive(bytesOf(theirs))]);
    const sharers: [Uint32Array, Uint32Array] = this.#index === 0 ? [own, theirs] : [theirs, own];
    return this.#checked(() => {
      meetings.requireSharers(1 - this.#index, theirs);
      return meetings.pairs(sharers);
    });
  }

  async #paused<Result>(steps: Generator<void, Result>): Promise<Result> {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await this.#pause();
    }
  }

  #send(message: Uint8Array): Promise<void> {
    return sendMessage(this.#channel, 1 - this.#index, message);
  }

  async #receive(out: Uint8Array): Promise<Uint8Array> {
    await receiveMessage(this.#channel, 1 - this.#index, out, this.#name);
    return out;
  }

  #shape(what: string): Error {
    return fault('frame-shape', `the peer ${what}`, { culprit: this.#name(1 - this.#index) });
  }

  /** Names the peer where what it sent contradicts itself. */
  #checked<Result>(step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      throw error instanceof Contradiction ? this.#shape(error.message) : error;
    }
  }

  /** Nothing resumes on the same keys. */
  #once(step: string): void {
    if (this.#begun.has('end')) throw fault('session-expired', 'this session has ended');
    if (this.#begun.has(step)) throw fault('session-burned', `this session has begun '${step}' before`);
    this.#begun.add(step);
  }
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** The receiver's row for each of the sender's, by their values; NONE where there is none. */
function* lookUp(
  values: Uint8Array,
  heads: Uint32Array,
  theirs: Uint8Array,
  valueBytes: number,
  out: Uint32Array,
): Generator<void, void> {
  const index = new ByteIndex(values, valueBytes, heads.length);
  for (let row = 0; row < heads.length; row++) {
    if (heads[row] === row) index.add(row);
    if (row % SLICE === SLICE - 1) yield;
  }
  for (let row = 0; row < out.length; row++) {
    const found = index.get(theirs, row);
    out[row] = found === -1 ? NONE : found;
    if (row % SLICE === SLICE - 1) yield;
  }
}
