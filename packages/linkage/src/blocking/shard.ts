import { fault, hashLabelled } from '@symbolon/crypto';
import { type AnswerKey, inputLabel, PartySession, type Plan, randomInput } from '@symbolon/engine';
import { runKeys } from '../psi/oprf.ts';
import type { LinkOptions, LinkSession } from '../session.ts';
import { TwoPartySession } from '../two-party.ts';
import { maskRows } from './bin-rows.ts';
import { hubInputs } from './hub.ts';
import type { Layout } from './layout.ts';
import {
  type Meeting,
  type MeetingSide,
  meetHub,
  openStore,
  type PlacedEntries,
  placeHub,
  receiveStore,
  type Store,
  sendEntries,
  storeBytesOf,
} from './meeting.ts';
import { laneParts, shardPlan } from './plan.ts';
import { binsOfShard, type ShardProgram, storedLayout } from './program.ts';
import { gatherRows, type Records } from './records.ts';

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
  readonly #side: MeetingSide;
  #meeting: Meeting | undefined;
  #input: ShardInput | undefined;
  /** H's: where its entries stand, the seed of its vector, and S's store. */
  #hub: { placed: PlacedEntries; seed: Uint8Array; store: Store } | undefined;

  constructor(options: ShardOptions) {
    super(options);
    const { program, index, masks, kernels, rng, name } = options;
    this.#options = options;
    this.#plan = shardPlan(program);
    this.#engine = new PartySession({ plan: this.#plan, index, masks, channel: this.channel, kernels, name });
    this.#layout = storedLayout(program);
    this.#side = { ...this.peerLine, kernels, rng };
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
    const salts = index === 0 ? [salt, theirs] : [theirs, salt];
    const { entries } = program;
    this.#meeting = { entries, rowBytes: this.#layout.rowBytes, keys: runKeys(salts) };
    const masked = index === 0 ? await this.#hide(input, salts) : await this.#store(input, salts);
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
      if (met !== undefined) return { share: met.bytes, bins: this.#hub?.placed.bins };
    }
    throw fault('internal', 'the plan of a shard kept nothing');
  }

  protected wipe(): void {
    this.#meeting = undefined;
    this.#input = undefined;
    this.#hub = undefined;
    this.#engine.end();
  }

  /** Runs at: H. Sends its entries; receives S's store. */
  async #hide({ digests }: ShardInput, salts: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const meeting = this.#meeting!;
    const placed = await this.paused(placeHub(this.#side, digests, salts));
    const pad = this.#options.masks.own.stream(padLabel(this.#plan));
    const [seed, vector] = await sendEntries(this.#side, meeting, placed, pad);
    const store = await receiveStore(this.#side, meeting);
    this.#hub = { placed, seed, store };
    return [seed, vector, store.seed, storeBytesOf(this.#side, meeting, store)];
  }

  /** Runs at: S. Receives H's entries, of which it learns nothing; sends its records, under pads of entry and bin. */
  #store({ digests, rows, records }: ShardInput, salts: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const { kernels, masks, rng, program } = this.#options;
    const layout = this.#layout;
    const pads = laneParts(program).flatMap(({ from }, i) => (from === 'a' ? [] : [`s/${i}`]));
    const own = {
      entries: rows.length,
      pad: (field: number) => randomInput(this.#plan, pads[field]!, masks.own),
      write: (to: Uint8Array) => gatherRows(to, records.stored, layout.rowBytes, rows),
    };
    return meetHub(this.#side, this.#meeting!, {
      digests,
      salts,
      masks: masks.own,
      mask: (bins, values) => maskRows({ ...own, kernels, layout, lanes: binsOfShard(program), bins, values, rng }),
    });
  }

  /** Runs at: H. Decodes a row a bin, combines it with its own record's, and makes the plan's inputs of it. */
  async #open(answerKey: AnswerKey): Promise<Record<string, Uint8Array>> {
    const { kernels, rng, program } = this.#options;
    const { arena } = kernels;
    const { placed, seed, store } = this.#hub!;
    const decoded = await openStore(this.#side, this.#meeting!, placed, seed, store, answerKey);
    const { rows, records } = this.#input!;
    const own = { layout: this.#layout, rows, records, bins: placed.bins };
    const inputs = await this.paused(hubInputs({ kernels, program, ...own, decoded, rng }));
    for (const block of [decoded, placed.digests.ptr]) arena.free(block);
    return inputs;
  }
}
