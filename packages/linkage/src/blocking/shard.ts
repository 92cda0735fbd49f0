import { fault, hashLabelled } from '@symbolon/crypto';
import { type AnswerKey, inputLabel, PartySession, type Plan } from '@symbolon/engine';
import type { Ptr } from '@symbolon/kernels';
import type { KeyDigests } from '../psi/keys.ts';
import { type RunKeys, runKeys } from '../psi/oprf.ts';
import { decodeStore, encodeStore, expandHash, hideKeys, readOffset, senderValues } from '../psi/vole.ts';
import type { LinkOptions, LinkSession } from '../session.ts';
import { TwoPartySession } from '../two-party.ts';
import { binDigests, binsOf, placeEntries } from './bins.ts';
import { DIGEST_BYTES } from './entries.ts';
import { hubInputs } from './hub.ts';
import type { Layout } from './layout.ts';
import { shardPlan } from './plan.ts';
import { binsOfShard, type ShardProgram, storedLayout } from './program.ts';
import type { Records } from './records.ts';
import { meetCost, THIRDS } from './shape.ts';
import { maskRecords } from './spoke.ts';

/** One side's part of a shard. Holds records. */
export interface ShardInput {
  /** Of the shard's entries, 32 bytes each, the dummies' among them. */
  readonly digests: Uint8Array;
  /** The record of each entry; NONE for a dummy. */
  readonly rows: Uint32Array;
  readonly records: Records;
}

/** What a shard leaves at a party: shares, and for H where each of its entries stood. */
export interface ShardResult {
  /** This party's share of each bin's number, u32 a bin. */
  readonly share: Uint8Array;
  /** H's: the bin of each entry. */
  readonly bins: Uint32Array | undefined;
}

export type ShardOptions = LinkOptions<ShardProgram>;

/** The label of H's pad A: an input's, behind those of the plan, so that `pads: full` covers it. */
export function padLabel(plan: Plan): string {
  return inputLabel(plan.nodes.length);
}

/**
 * One side of a shard: `exchange`, `evaluate`, `end`, each once (README, the table of steps).
 *
 * Runs at: both parties. Learns: nothing but a share of every bin's result.
 */
export class ShardSession extends TwoPartySession implements LinkSession<ShardInput, ShardResult> {
  readonly #options: ShardOptions;
  readonly #plan: Plan;
  readonly #engine: PartySession;
  readonly #layout: Layout;
  readonly #bins: number;
  #keys: RunKeys | undefined;
  #input: ShardInput | undefined;
  /** H's: the bin of each entry, the digests of both, and S's store. */
  #hub: { bins: Uint32Array; digests: KeyDigests; seed: Uint8Array; storeSeed: Uint8Array; store: Ptr } | undefined;

  constructor(options: ShardOptions) {
    super(options);
    const { program, index, masks, kernels, name } = options;
    this.#options = options;
    this.#plan = shardPlan(program);
    this.#engine = new PartySession({ plan: this.#plan, index, masks, channel: this.channel, kernels, name });
    this.#layout = storedLayout(program);
    this.#bins = binsOfShard(program);
  }

  /**
   * Random starts both ways; H's entries under a pad; S's records under pads.
   *
   * @returns the hash that both sign
   * @throws SymbolonError `frame-shape`, `frame-order`, `internal` (entries that do not fit, once in 2^40 runs), or what the channel throws
   */
  async exchange(input: ShardInput, salt: Uint8Array): Promise<Uint8Array> {
    this.once('exchange');
    this.#input = input;
    const { index, program } = this.#options;
    const theirs = await this.exchangeStarts(salt);
    const salts = index === 0 ? ([salt, theirs] as const) : ([theirs, salt] as const);
    this.#keys = runKeys(salts);
    const { vectorBytes, storeBytes } = meetCost(program.entries, this.#layout.rowBytes);
    const masked =
      index === 0
        ? await this.#hide(input, salts, vectorBytes, storeBytes)
        : await this.#store(input, salts, vectorBytes, storeBytes);
    return hashLabelled('symbolon masked data', ...salts, ...masked);
  }

  /** @param answerKey H's */
  async *evaluate(answerKey?: AnswerKey): AsyncGenerator<number, ShardResult> {
    this.once('evaluate');
    const { index, rng } = this.#options;
    const inputs = index === 0 ? await this.#open(answerKey!) : {};
    yield 0.4;
    try {
      await this.#engine.exchange(inputs, rng(32));
    } finally {
      for (const bytes of Object.values(inputs)) bytes.fill(0);
    }
    yield 0.5;
    for await (const revealed of this.#engine.evaluate(answerKey)) {
      const met = revealed.find(({ name }) => name === 'met');
      if (met !== undefined) return { share: met.bytes, bins: this.#hub?.bins };
    }
    throw fault('internal', 'the plan of a shard kept nothing');
  }

  protected wipe(): void {
    this.#keys = undefined;
    this.#input = undefined;
    this.#hub = undefined;
    this.#engine.end();
  }

  /** Runs at: H. Sends its entries; receives S's store. */
  async #hide(
    { digests }: ShardInput,
    salts: readonly Uint8Array[],
    vectorBytes: number,
    storeBytes: number,
  ): Promise<Uint8Array[]> {
    const { kernels, masks, rng } = this.#options;
    const keys = this.#keys!;
    const entries = this.#load(digests);
    const candidates = await this.paused(binsOf(kernels, entries, salts, this.#bins));
    const placed = placeEntries(kernels, candidates, entries.rows, this.#bins, rng);
    const { bins, thirds } = await this.paused(placed);
    kernels.arena.free(candidates);
    const own = await this.paused(binDigests(kernels, entries, salts, thirds));
    kernels.arena.free(entries.ptr);
    const pad = masks.own.stream(padLabel(this.#plan));
    const { seed, vector } = await this.paused(hideKeys({ kernels, digests: own, keys, pad, vectorBytes, rng }));
    await this.send(seed);
    await this.send(vector);
    const storeSeed = await this.receive(new Uint8Array(32));
    const store = kernels.arena.alloc(storeBytes);
    const stored = await this.receive(kernels.arena.bytes(store, storeBytes));
    this.#hub = { bins, digests: own, seed, storeSeed, store };
    return [seed, vector, storeSeed, stored];
  }

  /** Runs at: S. Receives H's entries, of which it learns nothing; sends its records, under pads of entry and bin. */
  async #store(
    input: ShardInput,
    salts: readonly Uint8Array[],
    vectorBytes: number,
    storeBytes: number,
  ): Promise<Uint8Array[]> {
    const { kernels, masks, rng, program } = this.#options;
    const { arena } = kernels;
    const { rowBytes } = this.#layout;
    const blocks = rowBytes / 16;
    const keys = this.#keys!;
    const entries = this.#load(input.digests);
    const bins = await this.paused(binsOf(kernels, entries, salts, this.#bins));
    const digests = await this.paused(binDigests(kernels, entries, salts));
    arena.free(entries.ptr);
    const seed = await this.receive(new Uint8Array(32));
    const vector = await this.receive(new Uint8Array(vectorBytes));
    const [stored] = program.entries;
    const under = await this.paused(senderValues({ kernels, digests, keys, masks: masks.own, seed, vector, stored }));
    const values = arena.alloc(rowBytes * digests.rows);
    await this.paused(expandHash(kernels, digests, under, keys.outer, rowBytes, values));
    arena.free(under);
    const { rows, records } = input;
    const own = { kernels, program, plan: this.#plan, layout: this.#layout, masks: masks.own, rows, records };
    await this.paused(maskRecords({ ...own, bins, values, rng }));
    arena.free(bins);
    const slots = arena.alloc(storeBytes);
    const storeSeed = await this.paused(encodeStore({ kernels, digests, keys, values, blocks, slots, rng }));
    const store = arena.bytes(slots, storeBytes);
    await this.send(storeSeed);
    await this.send(store);
    for (const block of [digests.ptr, values]) arena.free(block);
    const masked = [seed, vector, storeSeed, store.slice()];
    arena.free(slots);
    return masked;
  }

  /** Runs at: H. Decodes a row a bin, combines it with its own record's, and makes the plan's inputs of it. */
  async #open(answerKey: AnswerKey): Promise<Record<string, Uint8Array>> {
    const { kernels, rng, program } = this.#options;
    const { arena, abi } = kernels;
    const { rowBytes } = this.#layout;
    const blocks = rowBytes / 16;
    const keys = this.#keys!;
    const { digests, seed, storeSeed, store, bins } = this.#hub!;
    const { vectorBytes, storeBytes } = meetCost(program.entries, rowBytes);
    const c = await readOffset(kernels, answerKey, vectorBytes, this.channel);
    const [stored, spoke] = program.entries;
    const decode = { kernels, digests, keys };
    const under = await this.paused(decodeStore({ ...decode, seed, slots: c, bytes: vectorBytes, stored, blocks: 1 }));
    arena.free(c);
    const pad = arena.alloc(rowBytes * digests.rows);
    await this.paused(expandHash(kernels, digests, under, keys.outer, rowBytes, pad));
    arena.free(under);
    const decoded = await this.paused(
      decodeStore({
        ...decode,
        seed: storeSeed,
        slots: store,
        bytes: storeBytes,
        stored: THIRDS * spoke,
        blocks,
        room: this.#bins,
      }),
    );
    arena.free(store);
    abi.xor(decoded, decoded, pad, rowBytes * digests.rows);
    arena.free(pad);
    const { rows, records } = this.#input!;
    const inputs = await this.paused(
      hubInputs({ kernels, program, layout: this.#layout, rows, records, bins, decoded, rng }),
    );
    for (const block of [decoded, digests.ptr]) arena.free(block);
    return inputs;
  }

  #load(digests: Uint8Array): KeyDigests {
    const { arena } = this.#options.kernels;
    const ptr = arena.alloc(digests.length);
    arena.bytes(ptr, digests.length).set(digests);
    return { ptr, rows: digests.length / DIGEST_BYTES };
  }
}
