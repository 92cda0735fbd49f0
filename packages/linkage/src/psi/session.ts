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
import { ByteIndex, type Digests, digestKeys } from './keys.ts';
import { innerHash, outerHash, type RunKeys, runKeys, storeRows } from './oprf.ts';
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

/** Stands for "no row" where a row number could stand. */
const NONE = 0xffffffff;
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
    this.#digests = digestKeys(this.#kernels, keys, this.#keys.digest, this.#rng);
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
    const [receiver, sender] = this.#rows;
    const { valueBytes } = this.#cost;
    // The receiver's row for each of the sender's: first rows of a key only, as others have random digests.
    const hits = new Uint8Array(4 * sender);
    const numbers = new Uint32Array(hits.buffer);
    if (this.#index === 0) {
      const theirs = await this.#receive(new Uint8Array(valueBytes * sender));
      const index = new ByteIndex(values, valueBytes, receiver);
      for (let row = 0; row < receiver; row++) index.add(row);
      for (let row = 0; row < sender; row++) {
        const found = index.get(theirs, row);
        numbers[row] = found === -1 ? NONE : found;
      }
      await this.#send(hits);
    } else {
      await this.#send(values);
      await this.#receive(hits);
      if (numbers.some((row) => row !== NONE && row >= receiver)) throw this.#shape('named a row that there is not');
    }
    yield 0.9;
    return this.#pairs(numbers);
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
    innerHash(this.#kernels, digests, keys.inner, values);
    let encoded = false;
    for (let attempt = 0; attempt < ATTEMPTS && !encoded; attempt++) {
      this.#seed = this.#rng(32).slice();
      storeRows(this.#kernels, digests, this.#seed, rows);
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
      yield (0.4 * at) / answerKeyBytes;
    }
    const digests = this.#digests!;
    const decoded = await this.#decode(digests, c);
    return outerHash(this.#kernels, digests, decoded, this.#keys!.outer, this.#cost.valueBytes);
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
    innerHash(this.#kernels, digests, this.#keys!.inner, inner);
    abi.gfMulAddFixed(decoded, inner, table, digests.rows);
    return outerHash(this.#kernels, digests, decoded, this.#keys!.outer, this.#cost.valueBytes);
  }

  /** The sums over a vector of slots at the rows of one's own keys, 16 bytes each. */
  async #decode(digests: Digests, slots: Ptr): Promise<Ptr> {
    const { arena } = this.#kernels;
    const [rows, out] = [arena.alloc(64 * digests.rows), arena.alloc(16 * digests.rows)];
    storeRows(this.#kernels, digests, this.#seed, rows);
    const store = { ptr: slots, bytes: this.#cost.vectorBytes, keys: this.#rows[0] };
    await this.#paused(decodeOkvs({ kernels: this.#kernels, rows, n: digests.rows, slots: store, out }));
    arena.free(rows);
    return out;
  }

  /**
   * All pairs of rows whose first rows met. Each side tells the other which of its rows share the key of a row that met, in frames of
   * one length whatever is in them, and nothing of other rows.
   */
  async #pairs(numbers: Uint32Array): Promise<readonly Pair[]> {
    const heads = this.#digests!.heads;
    const met = new Uint8Array(heads.length);
    for (const [row, other] of numbers.entries()) if (other !== NONE) met[this.#index === 0 ? other : row] = 1;
    const own = Uint32Array.from(heads, (head, row) => (met[head] === 1 && head !== row ? head : NONE));
    const theirs = new Uint32Array(this.#rows[1 - this.#index]!);
    await Promise.all([this.#send(bytesOf(own)), this.#receive(bytesOf(theirs))]);
    if (theirs.some((head) => head !== NONE && head >= theirs.length))
      throw this.#shape('named a row that there is not');
    const [a, b] = [own, theirs].map(groups);
    const [receiver, sender] = this.#index === 0 ? [a!, b!] : [b!, a!];
    const pairs: [number, number][] = [];
    for (const [row, other] of numbers.entries()) {
      if (other === NONE) continue;
      for (const left of [other, ...(receiver.get(other) ?? [])]) {
        for (const right of [row, ...(sender.get(row) ?? [])]) pairs.push([left, right]);
      }
    }
    return pairs.sort(([a1, b1], [a2, b2]) => a1 - a2 || b1 - b2);
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

/** Rows by the first row with their key. */
function groups(heads: Uint32Array): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (const [row, head] of heads.entries()) {
    if (head === NONE) continue;
    const group = members.get(head);
    if (group === undefined) members.set(head, [row]);
    else group.push(row);
  }
  return members;
}
