import type { Kernels } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import { algebra } from './algebra.ts';
import { MAX_FRAME } from './channel.ts';
import type { Message, Opening, Reveal, Round } from './ops/operation.ts';
import { isMessage, isReveal, peersOf } from './ops/operation.ts';
import type { WireType } from './plan/types.ts';
import { byteLength, clearTail } from './plan/types.ts';

type Item = Round[number];

const LINE = 64;

/** Openings go from everyone to everyone, reveals from everyone to those who may know, a message from its sender. */
function isSent(item: Item, from: number, to: number): boolean {
  if (isMessage(item)) return item.from === from && item.to.includes(to);
  return !isReveal(item) || item.to.includes(to);
}

const isOpening = (item: Item): item is Opening => !isReveal(item) && !isMessage(item);

/** What one party adds up of an opening. */
interface Piece {
  readonly party: number;
  readonly type: WireType;
  readonly value: Ptr;
}

/**
 * Of what all open in a round the pieces that each party adds up, where it is more than a frame and there are three parties or more; else none.
 * A piece begins at a whole line of memory, as kernels round up to whole vectors.
 */
export function piecesOf(round: Round, parties: number): Piece[] {
  const opened = round.filter(isOpening);
  const bytes = opened.reduce((sum, { type }) => sum + byteLength(type), 0);
  if (parties === 2 || bytes <= MAX_FRAME) return [];
  return opened.flatMap(({ type, delta }) => {
    const step = LINE * Math.ceil(byteLength(type) / (LINE * parties));
    const elements = (8 * step) / (type.kind === 'bits' ? 1 : type.bits);
    const pieces = Array.from({ length: parties }, (_, party): Piece => {
      const size = Math.min(elements, type.size - party * elements);
      return { party, type: { ...type, size }, value: delta + party * step };
    });
    return pieces.filter(({ type }) => type.size > 0);
  });
}

/**
 * The messages of a round, one after the other. Large openings take two: everyone sends each other one its piece, and then to all the sum of its own. So a
 * party sends 2/N instead of 1 of what it opens to each peer, and sees the sums that all learn, but other parties' shares of its own piece only.
 */
export function hopsOf(round: Round, parties: number): Round[] {
  const pieces = piecesOf(round, parties);
  if (pieces.length === 0) return [round];
  const shares = pieces.map(({ party, type, value }): Reveal => ({ type, share: value, to: [party] }));
  const sums = pieces.map(({ party, type, value }): Message => {
    return { type, value, from: party, to: peersOf(party, parties) };
  });
  return [[...round.filter((item) => !isOpening(item)), ...shares], sums];
}

const ptrOf = (item: Item): number => (isMessage(item) ? item.value : isReveal(item) ? item.share : item.delta);

/** Who gets the same items of a round. Runs at: the sender. */
export function audiences(round: Round, from: number, peers: readonly number[]): (readonly number[])[] {
  const groups = Map.groupBy(peers, (to) => round.map((item) => Number(isSent(item, from, to))).join(''));
  return [...groups.values()];
}

/** Length of the frame from one party to another. */
export function frameBytes(round: Round, from: number, to: number): number {
  return round.reduce((sum, item) => sum + (isSent(item, from, to) ? byteLength(item.type) : 0), 0);
}

/** All that is open in a round, from one party to another. Runs at: the sender. */
export function writeFrame({ arena }: Kernels, round: Round, from: number, to: number): Uint8Array {
  const frame = new Uint8Array(frameBytes(round, from, to));
  let at = 0;
  for (const item of round) {
    if (!isSent(item, from, to)) continue;
    const bytes = byteLength(item.type);
    frame.set(arena.bytes(ptrOf(item), bytes), at);
    // Behind the last bit stand others of its wire: a slice ends inside a byte. They are not what is revealed.
    if (isReveal(item)) clearTail(item.type, frame.subarray(at, at + bytes));
    at += bytes;
  }
  return frame;
}

/** Adds a frame's shares to this party's, in place; what one party alone sends is set. Runs at: the receiver. @param frame of the right length */
export function addFrame({ abi, arena }: Kernels, round: Round, from: number, to: number, frame: number): void {
  let at = frame;
  for (const item of round) {
    if (!isSent(item, from, to)) continue;
    const [ptr, bytes] = [ptrOf(item), byteLength(item.type)];
    if (isMessage(item)) arena.bytes(ptr, bytes).set(arena.bytes(at, bytes));
    else algebra(abi, item.type).add(ptr, ptr, at, item.type.size);
    at += bytes;
  }
}
