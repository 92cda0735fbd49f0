import type { Masks } from '@symbolon/engine';
import { GF_TABLE_BYTES, type Kernels } from '@symbolon/kernels';
import { type PsiRows, psiCost, streams } from './shape.ts';

/** Bytes in one chunk: some milliseconds. */
const CHUNK = 1 << 20;

/**
 * The receiver's part of a vector-OLE over GF(2^128): C = A·D + B, chunk by chunk, where A comes from the receiver's masks, B and D from the
 * sender's (PROTOCOLS §3; Raghuraman, Rindal, CCS 2022, with the correlation from a dealer).
 *
 * Runs at: the key service. Learns: nothing; it never sees A ⊕ P. To the receiver only: with C and B, D anyone could test the receiver's keys.
 *
 * @param masks of the receiver, then of the sender
 */
export function* dealVectorOle(params: {
  rows: PsiRows;
  masks: readonly Masks[];
  kernels: Kernels;
  /** The stream of A. */
  pad?: string;
}): Generator<Uint8Array> {
  const { rows, masks, kernels, pad: label = streams.pad } = params;
  const { abi, arena } = kernels;
  const [receiver, sender] = masks as readonly [Masks, Masks];
  const { answerKeyBytes } = psiCost(rows);
  const [pad, offset] = [receiver.stream(label), sender.stream(streams.offset)];
  try {
    const [table, scalar] = [arena.alloc(GF_TABLE_BYTES), arena.alloc(16)];
    const [a, c] = [arena.alloc(CHUNK), arena.alloc(CHUNK)];
    sender.stream(streams.scalar).fill(arena.bytes(scalar, 16), 0);
    abi.gfTable(table, scalar);
    for (let at = 0; at < answerKeyBytes; at += CHUNK) {
      const bytes = Math.min(CHUNK, answerKeyBytes - at);
      pad.fill(arena.bytes(a, bytes), at);
      offset.fill(arena.bytes(c, bytes), at);
      abi.gfMulAddFixed(c, a, table, bytes / 16);
      yield arena.bytes(c, bytes).slice();
    }
  } finally {
    // Also where the receiver hangs up.
    arena.zeroise();
  }
}
