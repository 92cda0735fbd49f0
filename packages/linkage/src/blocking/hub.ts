import type { Rng } from '@symbolon/crypto';
import { type Kernels, PLANES_WORK_BYTES, type Ptr } from '@symbolon/kernels';
import { NONE } from '../psi/keys.ts';
import { type Field, type Layout, layoutOf, planeBits, takeColumn } from './layout.ts';
import { laneParts } from './plan.ts';
import { binsOfShard, type ShardProgram } from './program.ts';
import { gatherRows, type Records } from './records.ts';

type Steps<Result = void> = Generator<void, Result>;

/** Rows in one call of a kernel. */
const SLICE = 16_384;
const RANDOM = 1 << 20;

/**
 * H's inputs of the plan, a lane a bin: what it decoded there, combined with its own record; random where none of its entries stands.
 * Runs at: H.
 *
 * @param params.rows the record of each entry, `NONE` for a dummy
 * @param params.bins where each entry stands
 * @param params.decoded a row of `layout` for each entry, with room for one a bin; overwritten
 */
export function* hubInputs(params: {
  kernels: Kernels;
  program: ShardProgram;
  layout: Layout;
  rows: Uint32Array;
  records: Records;
  bins: Uint32Array;
  decoded: Ptr;
  rng: Rng;
}): Steps<Record<string, Uint8Array>> {
  const { kernels, program, layout, rows, records, bins, decoded, rng } = params;
  const { abi, arena } = kernels;
  const { rowBytes, words, fields } = layout;
  const lanes = binsOfShard(program);
  const entries = bins.length;
  // Behind the entries' rows: random ones for the bins without entry, and one of zeros for them in the place of a record.
  const empty = arena.bytes(decoded + rowBytes * entries, rowBytes * (lanes - entries));
  for (let at = 0; at < empty.length; at += RANDOM) empty.set(rng(Math.min(RANDOM, empty.length - at)), at);
  const own = arena.alloc(rowBytes * (entries + 1));
  gatherRows(arena.bytes(own, rowBytes * (entries + 1)).fill(0), records.stored, rowBytes, rows);
  const entryIn = new Uint32Array(lanes).fill(NONE);
  for (let entry = 0; entry < entries; entry++) entryIn[bins[entry]!] = entry;
  const [ownAt, decodedAt, ptr] = [4 * lanes, 4 * lanes, rowBytes * lanes].map((bytes) => arena.alloc(bytes)) as [
    Ptr,
    Ptr,
    Ptr,
  ];
  const [x, y] = [arena.u32(ownAt, lanes), arena.u32(decodedAt, lanes)];
  for (let lane = 0, next = entries; lane < lanes; lane++) {
    const entry = entryIn[lane]!;
    x[lane] = entry === NONE ? entries : entry;
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
  const rowIn = entryIn.map((entry) => (entry === NONE ? NONE : rows[entry]!));
  const inputs: Record<string, Uint8Array> = {};
  let field = 0;
  for (const [i, part] of laneParts(program).entries()) {
    inputs[`h/${i}`] =
      part.from === 'a'
        ? ownColumn(kernels, layoutOf([part]), records.own.get(i)!, rowIn)
        : column(kernels, ptr, rowBytes, fields[field++]!, lanes);
    yield;
  }
  arena.free(ptr);
  return inputs;
}

/** A column of what only H knows; zeros where there is no record, which its pad hides. */
function ownColumn(kernels: Kernels, { rowBytes, fields }: Layout, own: Uint8Array, rowIn: Uint32Array): Uint8Array {
  const { arena } = kernels;
  const rows = arena.alloc(rowBytes * rowIn.length);
  gatherRows(arena.bytes(rows, rowBytes * rowIn.length).fill(0), own, rowBytes, rowIn);
  const result = column(kernels, rows, rowBytes, fields[0]!, rowIn.length);
  arena.free(rows);
  return result;
}

/** Words of a field, or its bits as planes. */
function column(kernels: Kernels, rows: Ptr, rowBytes: number, field: Field, lanes: number): Uint8Array {
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
