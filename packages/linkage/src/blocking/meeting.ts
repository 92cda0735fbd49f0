import { cuckooBins, type Rng } from '@symbolon/crypto';
import type { AnswerKey, MaskStream, Masks } from '@symbolon/engine';
import type { Kernels, Ptr } from '@symbolon/kernels';
import type { KeyDigests } from '../psi/keys.ts';
import type { RunKeys } from '../psi/oprf.ts';
import { decodeStore, encodeStore } from '../psi/store.ts';
import { expandHash, hideKeys, readOffset, senderValues } from '../psi/vole.ts';
import { binDigests, binsOf, placeEntries } from './bins.ts';
import { DIGEST_BYTES } from './entries.ts';
import { meetCost, THIRDS } from './shape.ts';

/*
 * Where the entries of a hub meet those of a spoke, and neither learns which (PROTOCOLS §4.1; Pinkas, Schneider, Tkachenko, Yanai, EUROCRYPT
 * 2019; Rindal, Schoppmann, EUROCRYPT 2021): for each of its bins the hub ends with the row of the spoke's entry that equals its own there,
 * under a pad of the bin, and with uniform garbage where there is none. The README says what goes to whom.
 */

/** What both sides know of a meeting. */
export interface Meeting {
  readonly entries: readonly [hub: number, spoke: number];
  /** Of a stored row, in whole vectors of 16 bytes. */
  readonly rowBytes: number;
  /** Of this meeting alone. */
  readonly keys: RunKeys;
}

/** One side of a meeting: how it computes, and how it talks with the other. */
export interface MeetingSide {
  readonly kernels: Kernels;
  readonly rng: Rng;
  send(message: Uint8Array): Promise<void>;
  /** A message as long as `out`. */
  receive(out: Uint8Array): Promise<Uint8Array>;
  /** Runs work slice by slice. */
  paused<Result>(steps: Generator<void, Result>): Promise<Result>;
  /** @throws SymbolonError `session-expired` */
  requireOpen(): void;
}

/** A hub's entries in their bins: the same for all its meetings of one session. */
export interface PlacedEntries {
  /** The bin of each entry. */
  readonly bins: Uint32Array;
  /** Of each entry and its bin; in the arena, freed by the caller. */
  readonly digests: KeyDigests;
}

/** What a spoke sent. */
export interface Store {
  readonly seed: Uint8Array;
  /** In the arena; `openStore` frees it. */
  readonly slots: Ptr;
}

type Steps<Result = void> = Generator<void, Result>;

/**
 * Puts each entry into one of its three bins. Runs at: the hub.
 *
 * @param entries distinct digests, 32 bytes each, dummies included
 * @param salts the random starts of all parties
 * @throws SymbolonError `internal` where they do not fit: with probability ≤ 2^-40
 */
export function* placeHub(
  { kernels, rng }: Pick<MeetingSide, 'kernels' | 'rng'>,
  entries: Uint8Array,
  salts: readonly Uint8Array[],
): Steps<PlacedEntries> {
  const loaded = load(kernels, entries);
  const lanes = cuckooBins(loaded.rows);
  const candidates = yield* binsOf(kernels, loaded, salts, lanes);
  const { bins, thirds } = yield* placeEntries(kernels, candidates, loaded.rows, lanes, rng);
  kernels.arena.free(candidates);
  const digests = yield* binDigests(kernels, loaded, salts, thirds);
  kernels.arena.free(loaded.ptr);
  return { bins, digests };
}

/** Sends the entries under the one-time pad A. Runs at: the hub. @returns what it sent: the seed, which it needs again, and the vector */
export async function sendEntries(
  side: MeetingSide,
  { entries, rowBytes, keys }: Meeting,
  { digests }: PlacedEntries,
  pad: MaskStream,
): Promise<readonly [seed: Uint8Array, vector: Uint8Array]> {
  const { kernels, rng } = side;
  const { vectorBytes } = meetCost(entries, rowBytes);
  const { seed, vector } = await side.paused(hideKeys({ kernels, digests, keys, pad, vectorBytes, rng }));
  await side.send(seed);
  await side.send(vector);
  return [seed, vector];
}

/** Runs at: the hub. Learns: nothing before `openStore`. */
export async function receiveStore(side: MeetingSide, { entries, rowBytes }: Meeting): Promise<Store> {
  const { arena } = side.kernels;
  const { storeBytes } = meetCost(entries, rowBytes);
  const slots = arena.alloc(storeBytes);
  const seed = await side.receive(new Uint8Array(32));
  await side.receive(arena.bytes(slots, storeBytes));
  return { seed, slots };
}

/** The bytes of a store, as long as it stands. */
export function storeBytesOf({ kernels }: MeetingSide, { entries, rowBytes }: Meeting, { slots }: Store): Uint8Array {
  return kernels.arena.bytes(slots, meetCost(entries, rowBytes).storeBytes);
}

/**
 * Takes C off the answer key, and decodes a row for each entry. Runs at: the hub. Learns: rows under pads, or garbage; it cannot tell which.
 *
 * @param seed of `sendEntries`
 * @returns rows in the arena, with room for one a bin; freed by the caller
 * @throws SymbolonError `frame-shape` naming the key service
 */
export async function openStore(
  side: MeetingSide,
  { entries, rowBytes, keys }: Meeting,
  { digests }: PlacedEntries,
  seed: Uint8Array,
  store: Store,
  answerKey: AnswerKey,
): Promise<Ptr> {
  const { kernels } = side;
  const { abi, arena } = kernels;
  const { vectorBytes, storeBytes } = meetCost(entries, rowBytes);
  const [hub, spoke] = entries;
  const decode = { kernels, digests, keys };
  const c = await readOffset(kernels, answerKey, vectorBytes, side);
  const offset = { seed, slots: c, bytes: vectorBytes, stored: hub, blocks: 1 };
  const under = await side.paused(decodeStore({ ...decode, ...offset }));
  arena.free(c);
  const pad = arena.alloc(rowBytes * digests.rows);
  await side.paused(expandHash(kernels, digests, under, keys.outer, rowBytes, pad));
  arena.free(under);
  const stored = { ...store, bytes: storeBytes, stored: THIRDS * spoke, blocks: rowBytes / 16, room: cuckooBins(hub) };
  const decoded = await side.paused(decodeStore({ ...decode, ...stored }));
  arena.free(store.slots);
  abi.xor(decoded, decoded, pad, rowBytes * digests.rows);
  arena.free(pad);
  return decoded;
}

/**
 * Receives the hub's entries, of which it learns nothing; sends a row for each own entry and each of its three bins, under the pads of the bin
 * and of entry and bin. Runs at: the spoke.
 *
 * @param params.digests of the own entries, distinct, 32 bytes each, dummies included
 * @param params.salts the random starts of all parties
 * @param params.masks of the vector-OLE's B and D
 * @param params.mask values ⊕= the rows under the pads of the bins, for each entry and bin (`maskRows`)
 * @returns all that went both ways
 */
export async function meetHub(
  side: MeetingSide,
  { entries, rowBytes, keys }: Meeting,
  params: {
    digests: Uint8Array;
    salts: readonly Uint8Array[];
    masks: Masks;
    mask: (bins: Ptr, values: Ptr) => Steps;
  },
): Promise<Uint8Array[]> {
  const { kernels, rng } = side;
  const { arena } = kernels;
  const { salts, masks, mask } = params;
  const { vectorBytes, storeBytes } = meetCost(entries, rowBytes);
  const [hub] = entries;
  const loaded = load(kernels, params.digests);
  const bins = await side.paused(binsOf(kernels, loaded, salts, cuckooBins(hub)));
  const digests = await side.paused(binDigests(kernels, loaded, salts));
  arena.free(loaded.ptr);
  const seed = await side.receive(new Uint8Array(32));
  const vector = await side.receive(new Uint8Array(vectorBytes));
  const under = await side.paused(senderValues({ kernels, digests, keys, masks, seed, vector, stored: hub }));
  const values = arena.alloc(rowBytes * digests.rows);
  await side.paused(expandHash(kernels, digests, under, keys.outer, rowBytes, values));
  arena.free(under);
  await side.paused(mask(bins, values));
  arena.free(bins);
  const slots = arena.alloc(storeBytes);
  const encoded = encodeStore({ kernels, digests, keys, values, blocks: rowBytes / 16, slots, rng });
  const storeSeed = await side.paused(encoded);
  for (const block of [digests.ptr, values]) arena.free(block);
  const store = arena.bytes(slots, storeBytes).slice();
  arena.free(slots);
  await side.send(storeSeed);
  await side.send(store);
  return [seed, vector, storeSeed, store];
}

function load({ arena }: Kernels, digests: Uint8Array): KeyDigests {
  const ptr = arena.alloc(digests.length);
  arena.bytes(ptr, digests.length).set(digests);
  return { ptr, rows: digests.length / DIGEST_BYTES };
}
