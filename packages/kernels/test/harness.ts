import { expect } from 'vitest';
import { createKernels, createTwin, type Kernels } from '../src/index.ts';

export const runs = process.env.SLOW ? 500 : 25;
export const wasm = createKernels();
export const twin = createTwin();

/** One call of a kernel: the buffers it is given, filled with noise, and the call itself. */
export interface Call {
  /** Bytes of data in each buffer. */
  sizes: number[];
  run(kernels: Kernels, ptrs: number[]): unknown;
  /** The kernel promises to write nothing behind the data; otherwise it may fill the last 16-byte vector. */
  exact?: boolean;
  /** Buffers whose content after the call means nothing. */
  scratch?: number[];
}

export type Pick = (lo: number, hi: number) => number;

/** Numbers in [lo, hi] out of a seed. */
export function picker(seed: number): Pick {
  let state = seed | 0;
  return (lo, hi) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return lo + (((t ^ (t >>> 14)) >>> 0) % (hi - lo + 1));
  };
}

const GUARD = 64;

/** Runs the call on the WebAssembly kernels and on the twin; same results, same data, and nothing else written. */
export function expectSame(call: Call, seed: number): void {
  const [ours, theirs] = [execute(wasm, call, seed), execute(twin, call, seed)];
  expect(ours.result).toEqual(theirs.result);
  for (const [i, size] of call.sizes.entries()) {
    const [before, after, wanted] = [ours.before[i]!, ours.after[i]!, theirs.after[i]!];
    const same = equal(after.subarray(GUARD, GUARD + size), wanted.subarray(GUARD, GUARD + size));
    expect(same || call.scratch?.includes(i), `buffer ${i}`).toBe(true);
    const end = GUARD + (call.exact ? size : Math.ceil(size / 16) * 16);
    expect(equal(after.subarray(0, GUARD), before.subarray(0, GUARD)), `guard before buffer ${i}`).toBe(true);
    expect(equal(after.subarray(end), before.subarray(end)), `guard behind buffer ${i}`).toBe(true);
  }
}

function execute(kernels: Kernels, call: Call, seed: number) {
  const { arena } = kernels;
  const pick = picker(seed);
  const blocks = call.sizes.map((size) => ({ ptr: arena.alloc(size + 3 * GUARD), bytes: size + 3 * GUARD }));
  for (const { ptr, bytes } of blocks) fillNoise(arena.bytes(ptr, bytes), pick);
  const copies = () => blocks.map(({ ptr, bytes }) => arena.bytes(ptr, bytes).slice());
  const before = copies();
  const result = call.run(
    kernels,
    blocks.map(({ ptr }) => ptr + GUARD),
  );
  const after = copies();
  for (const { ptr } of blocks) arena.free(ptr);
  return { before, after, result };
}

/** Random bytes, every fourth of them 0x00, 0x7f, 0x80 or 0xff, where carries and signs go wrong. */
export function fillNoise(bytes: Uint8Array, pick: Pick): void {
  const edges = [0, 0x7f, 0x80, 0xff];
  for (let i = 0; i < bytes.length; i++) bytes[i] = pick(0, 3) === 0 ? edges[pick(0, 3)]! : pick(0, 255);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Writes a table of pointers for a fold kernel. */
export function pointerTable({ arena }: Kernels, ptrs: number[]): number {
  const table = arena.alloc(4 * ptrs.length);
  arena.u32(table, ptrs.length).set(ptrs);
  return table;
}
