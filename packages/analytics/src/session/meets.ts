import { hashLabelled } from '@symbolon/crypto';
import { type AnswerKey, type Masks, randomInput } from '@symbolon/engine';
import type { Ptr } from '@symbolon/kernels';
import {
  laneColumn,
  type Meeting,
  type MeetingSide,
  maskRows,
  meetHub,
  openStore,
  type PlacedEntries,
  placeHub,
  receiveStore,
  rowsByBin,
  runKeys,
  type Store,
  sendEntries,
  storeBytesOf,
} from '@symbolon/linkage';
import { masksOfMeet, padLabel } from './dealer.ts';
import { entriesOf, type MeetEntries, paddedKeys, type SpokeEntries, writeEntries } from './input.ts';
import { hubShare, rowLayout, spokeShare } from './meet.ts';
import { binsOf, type Meet, type StudyProgram } from './program.ts';

/** What one party's meets are made with. */
export interface MeetsOptions {
  readonly program: StudyProgram;
  /** Of this party. */
  readonly masks: Masks;
  /** The random starts of all parties, by party. */
  readonly starts: readonly Uint8Array[];
  /** This party's side of a meeting with another. */
  readonly side: (peer: number) => MeetingSide;
}

/** What both sides know of a meet: hashes are its own, though bins are those of all. */
function meetingOf({ program, starts }: MeetsOptions, at: number): Meeting {
  const meet = program.meets[at]!;
  const keys = runKeys([...starts, Uint8Array.of(at)]);
  return { entries: meet.entries, rowBytes: rowLayout(meet).rowBytes, keys };
}

function digestOf(messages: readonly Uint8Array[]): Uint8Array {
  return hashLabelled('symbolon meet', ...messages);
}

/**
 * The meets of a spoke with the hub, one after the other: the hub's entries come, rows under pads go. Runs at: a spoke. Learns: nothing.
 *
 * @returns the hash of each
 */
export async function meetAsSpoke(
  options: MeetsOptions,
  meets: ReadonlyMap<number, SpokeEntries>,
): Promise<Map<number, Uint8Array>> {
  const { program, masks, starts } = options;
  const side = options.side(0);
  const { kernels, rng } = side;
  const digests = new Map<number, Uint8Array>();
  for (const [at, own] of meets) {
    const meet = program.meets[at]!;
    const [hub, entries] = meet.entries;
    const rows = {
      layout: rowLayout(meet),
      lanes: binsOf(hub),
      entries,
      pad: (field: number) => randomInput(program.plan, spokeShare(at, field), masks),
      write: (to: Uint8Array) => writeEntries(meet, own.columns, entriesOf(own.keys), to),
    };
    const messages = await meetHub(side, meetingOf(options, at), {
      digests: paddedKeys(own.keys, entries, rng),
      salts: starts,
      masks: masksOfMeet(masks, at),
      mask: (bins, values) => maskRows({ ...rows, kernels, bins, values, rng }),
    });
    digests.set(at, digestOf(messages));
  }
  return digests;
}

/** All meets of the hub, those with different spokes at the same time. Runs at: the hub, which learns nothing. */
export class HubMeets {
  readonly #options: MeetsOptions;
  readonly #input: MeetEntries;
  readonly #placed: PlacedEntries;
  readonly #seeds: Uint8Array[] = [];
  readonly #stores: Store[] = [];

  private constructor(options: MeetsOptions, input: MeetEntries, placed: PlacedEntries) {
    this.#options = options;
    this.#input = input;
    this.#placed = placed;
  }

  /**
   * Places the entries in their bins; nothing is sent.
   *
   * @throws SymbolonError `internal` where they do not fit: with probability ≤ 2^-40
   */
  static async place(options: MeetsOptions, input: MeetEntries): Promise<HubMeets> {
    const { program, starts } = options;
    const meet = program.meets[0]!;
    const side = options.side(meet.spoke);
    const padded = paddedKeys(input.hubKeys!, meet.entries[0], side.rng);
    return new HubMeets(options, input, await side.paused(placeHub(side, padded, starts)));
  }

  /** The bin of each entry, but for dummies. */
  get bins(): Uint32Array {
    return this.#placed.bins.slice(0, entriesOf(this.#input.hubKeys!));
  }

  /** The entries go to every spoke under a pad of their own, and the spokes' rows come. @returns the hash of each meet */
  async meet(): Promise<Map<number, Uint8Array>> {
    const digests = new Map<number, Uint8Array>();
    const { program } = this.#options;
    const spokes = [...new Set(program.meets.map(({ spoke }) => spoke))];
    await Promise.all(
      spokes.map(async (spoke) => {
        const meets = program.meets.flatMap((meet, at) => (meet.spoke === spoke ? [at] : []));
        const vectors: Uint8Array[] = [];
        // Both ways at once: a spoke with several meets answers the first while the next is under way.
        await Promise.all([this.#send(spoke, meets, vectors), this.#receive(spoke, meets)]);
        const side = this.#options.side(spoke);
        for (const at of meets) {
          const store = this.#stores[at]!;
          const bytes = storeBytesOf(side, meetingOf(this.#options, at), store);
          digests.set(at, digestOf([this.#seeds[at]!, vectors[at]!, store.seed, bytes]));
        }
      }),
    );
    return digests;
  }

  async #send(spoke: number, meets: readonly number[], vectors: Uint8Array[]): Promise<void> {
    const { program, masks } = this.#options;
    const side = this.#options.side(spoke);
    for (const at of meets) {
      const pad = masks.stream(padLabel(program, at));
      [this.#seeds[at], vectors[at]] = await sendEntries(side, meetingOf(this.#options, at), this.#placed, pad);
    }
  }

  async #receive(spoke: number, meets: readonly number[]): Promise<void> {
    const side = this.#options.side(spoke);
    for (const at of meets) this.#stores[at] = await receiveStore(side, meetingOf(this.#options, at));
  }

  /**
   * Decodes a row a bin of every meet with the answer key's part for it, in the order of the meets. Ends the meets.
   *
   * @returns the hub's shares, inputs of the plan
   * @throws SymbolonError `frame-shape` naming the key service
   */
  async open(answerKey: AnswerKey): Promise<Record<string, Uint8Array>> {
    const inputs: Record<string, Uint8Array> = {};
    const { program } = this.#options;
    for (const [at, meet] of program.meets.entries()) {
      const side = this.#options.side(meet.spoke);
      const [seed, store] = [this.#seeds[at]!, this.#stores[at]!];
      const decoded = await openStore(side, meetingOf(this.#options, at), this.#placed, seed, store, answerKey);
      await side.paused(this.#shares(side, at, meet, decoded, inputs));
      side.kernels.arena.free(decoded);
    }
    const { kernels } = this.#options.side(program.meets[0]!.spoke);
    kernels.arena.free(this.#placed.digests.ptr);
    return inputs;
  }

  *#shares(
    { kernels, rng }: MeetingSide,
    at: number,
    meet: Meet,
    decoded: Ptr,
    inputs: Record<string, Uint8Array>,
  ): Generator<void, void> {
    const layout = rowLayout(meet);
    const lanes = binsOf(meet.entries[0]);
    const added = this.#input.added?.get(at);
    const entries = entriesOf(this.#input.hubKeys!);
    const write = added && ((to: Uint8Array): void => writeEntries(meet, added, entries, to));
    const own = { bins: this.#placed.bins, decoded, ...(write && { write }) };
    const rows = yield* rowsByBin({ kernels, layout, lanes, ...own, rng });
    for (const [i, field] of layout.fields.entries()) {
      inputs[hubShare(at, i)] = laneColumn(kernels, rows, layout.rowBytes, field, lanes);
      yield;
    }
    kernels.arena.free(rows);
  }
}
