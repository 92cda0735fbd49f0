import type { Rng } from '@symbolon/crypto';
import { type Kernels, PLANES_WORK_BYTES, type Ptr } from '@symbolon/kernels';
import { NONE } from '../psi/keys.ts';
import { type Field, type Layout, placeColumn, planeBits, takeColumn } from './layout.ts';
import { THIRDS } from './shape.ts';

type Steps<Result = void> = Generator<void, Result>;

/** Rows in one call of a kernel. */
const SLICE = 16_384;
const RANDOM = 1 << 20;

/**
 * values ⊕= (row of the entry, combined with the pad of the bin), for each entry and each of its three bins.
 * Runs at: the spoke, whose rows these are.
 *
 * @param params.lanes bins
 * @param params.pad the pad of a field, a value a bin: words, or bits plane by plane (`planeBits`); wiped
 * @param params.entries how many
 * @param params.write puts the entries' rows in the place of random ones; a dummy's, never opened, stays random
 * @param params.bins of `binsOf`
 * @param params.values a row of `layout` for each entry and bin
 */
export function* maskRows(params: {
  kernels: Kernels;
  layout: Layout;
  lanes: number;
  pad: (field: number) => Uint8Array;
  entries: number;
  write: (rows: Uint8Array) => void;
  bins: Ptr;
  values: Ptr;
  rng: Rng;
}): Steps {
  const { kernels, layout, lanes, pad, entries, write, bins, values, rng } = params;
  const { abi, arena } = kernels;
  const { rowBytes, words } = layout;
  const pads = yield* padRows(kernels, layout, lanes, pad, rng);
  const payload = arena.alloc(rowBytes * entries);
  const own = arena.bytes(payload, rowBytes * entries);
  randomise(own, rng);
  write(own);
  const n = THIRDS * entries;
  const entry = arena.alloc(4 * n);
  const entryOf = arena.u32(entry, n);
  for (let i = 0; i < n; i++) entryOf[i] = Math.floor(i / THIRDS);
  yield;
  for (let at = 0; at < n; at += SLICE) {
    const count = Math.min(SLICE, n - at);
    abi.combineRows(values + rowBytes * at, payload, entry + 4 * at, pads, bins + 4 * at, count, rowBytes, ...words);
    yield;
  }
  for (const block of [payload, entry, pads]) arena.free(block);
}

/**
 * The pads of all bins as rows, and random bits where rows have no field. Were those left alone, the hub would decode zeros there just where
 * entries met.
 */
function* padRows(
  kernels: Kernels,
  { rowBytes, fields }: Layout,
  lanes: number,
  pad: (field: number) => Uint8Array,
  rng: Rng,
): Steps<Ptr> {
  const { abi, arena } = kernels;
  const rows = arena.alloc(rowBytes * lanes);
  randomise(arena.bytes(rows, rowBytes * lanes), rng);
  const work = arena.alloc(PLANES_WORK_BYTES);
  for (const [i, field] of fields.entries()) {
    const bytes = pad(i);
    if (field.kind === 'word') placeColumn(kernels, rows, rowBytes, field, bytes);
    else {
      const planes = arena.alloc(bytes.length);
      arena.bytes(planes, bytes.length).set(bytes);
      const [from, to] = [8 * field.at, 8 * field.at + field.width];
      abi.planesToRows(rows, rowBytes, planes, planeBits(lanes) / 8, lanes, from, to, work);
      arena.free(planes);
    }
    bytes.fill(0);
    yield;
  }
  arena.free(work);
  return rows;
}

/**
 * A row a bin: what was decoded for the entry there, combined with the hub's own row; random where no entry stands. Runs at: the hub. The caller
 * frees them.
 *
 * @param params.lanes bins
 * @param params.bins where each entry stands
 * @param params.decoded a row of `layout` for each entry, with room for one a bin; overwritten
 * @param params.write puts the hub's own row of each entry in the place of zeros
 */
export function* rowsByBin(params: {
  kernels: Kernels;
  layout: Layout;
  lanes: number;
  bins: Uint32Array;
  decoded: Ptr;
  write?: (rows: Uint8Array) => void;
  rng: Rng;
}): Steps<Ptr> {
  const { kernels, layout, lanes, bins, decoded, write, rng } = params;
  const { abi, arena } = kernels;
  const { rowBytes, words } = layout;
  const entries = bins.length;
  // Behind the entries' rows: random ones for the bins without entry, and one of zeros for them in the place of a row.
  randomise(arena.bytes(decoded + rowBytes * entries, rowBytes * (lanes - entries)), rng);
  const zeros = write === undefined ? 0 : entries;
  const own = arena.alloc(rowBytes * (zeros + 1));
  write?.(arena.bytes(own, rowBytes * (zeros + 1)).fill(0));
  arena.bytes(own + rowBytes * zeros, rowBytes).fill(0);
  const entryIn = entriesByBin(bins, lanes);
  const [ownAt, decodedAt, ptr] = [4 * lanes, 4 * lanes, rowBytes * lanes].map((bytes) => arena.alloc(bytes)) as [
    Ptr,
    Ptr,
    Ptr,
  ];
  const [x, y] = [arena.u32(ownAt, lanes), arena.u32(decodedAt, lanes)];
  for (let lane = 0, next = entries; lane < lanes; lane++) {
    const entry = entryIn[lane]!;
    x[lane] = entry === NONE || write === undefined ? zeros : entry;
    y[lane] = entry === NONE ? next++ : entry;
  }
  arena.bytes(ptr, rowBytes * lanes).fill(0);
  yield;
  for (let at = 0; at < lanes; at += SLICE) {
    const count = Math.min(SLICE, lanes - at);
    const out = ptr + rowBytes * at;
    abi.combineRows(out, own, ownAt + 4 * at, decoded, decodedAt + 4 * at, count, rowBytes, ...words);
    yield;
  }
  for (const block of [own, ownAt, decodedAt]) arena.free(block);
  return ptr;
}

/** The entry in each bin, or NONE. */
export function entriesByBin(bins: Uint32Array, lanes: number): Uint32Array {
  const entryIn = new Uint32Array(lanes).fill(NONE);
  for (let entry = 0; entry < bins.length; entry++) entryIn[bins[entry]!] = entry;
  return entryIn;
}

/** Words of a field, or its bits as planes. */
export function laneColumn(kernels: Kernels, rows: Ptr, rowBytes: number, field: Field, lanes: number): Uint8Array {
  if (field.kind === 'word') return takeColumn(kernels, rows, rowBytes, field, lanes);
  const { abi, arena } = kernels;
  const stride = planeBits(lanes) / 8;
  const [planes, work] = [arena.alloc(stride * field.width), arena.alloc(PLANES_WORK_BYTES)];
  abi.rowsToPlanes(planes, stride, rows, rowBytes, lanes, 8 * field.at, 8 * field.at + field.width, work);
  const bits = arena.bytes(planes, stride * field.width).slice();
  arena.free(planes);
  arena.free(work);
  return bits;
}

function randomise(out: Uint8Array, rng: Rng): void {
  for (let at = 0; at < out.length; at += RANDOM) out.set(rng(Math.min(RANDOM, out.length - at)), at);
}
