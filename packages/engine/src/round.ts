import type { Kernels } from '@symbolon/kernels';
import { algebra } from './algebra.ts';
import type { Message, Opening, Reveal, Round } from './ops/operation.ts';
import { isMessage, isReveal } from './ops/operation.ts';
import { byteLength, clearTail } from './plan/types.ts';

type Item = Opening | Reveal | Message;

/** Openings go from everyone to everyone, reveals from everyone to those who may know, a message from its sender. */
function isSent(item: Item, from: number, to: number): boolean {
  if (isMessage(item)) return item.from === from && item.to.includes(to);
  return !isReveal(item) || item.to.includes(to);
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
