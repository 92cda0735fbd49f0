import type { Rng } from '@symbolon/crypto';
import { type Masks, type Plan, randomInput } from '@symbolon/engine';
import { type Kernels, PLANES_WORK_BYTES, type Ptr } from '@symbolon/kernels';
import { type Layout, placeColumn, planeBits } from './layout.ts';
import { laneParts } from './plan.ts';
import { binsOfShard, type ShardProgram } from './program.ts';
import { gatherRows, type Records } from './records.ts';
import { THIRDS } from './shape.ts';

type Steps<Result = void> = Generator<void, Result>;

/** Rows in one call of a kernel. */
const SLICE = 16_384;
const RANDOM = 1 << 20;

/**
 * values ⊕= (record of the entry, combined with the pad of the bin), for each entry and each of its three bins. Runs at: S.
 *
 * @param params.rows the record of each entry, `NONE` for a dummy
 * @param params.bins of `binsOf`
 * @param params.values a row of `layout` for each entry and bin
 */
export function* maskRecords(params: {
  kernels: Kernels;
  program: ShardProgram;
  plan: Plan;
  layout: Layout;
  masks: Masks;
  rows: Uint32Array;
  records: Records;
  bins: Ptr;
  values: Ptr;
  rng: Rng;
}): Steps {
  const { kernels, program, plan, layout, masks, rows, records, bins, values, rng } = params;
  const { abi, arena } = kernels;
  const { rowBytes, words } = layout;
  const pads = yield* padRows(kernels, program, plan, layout, masks, rng);
  const payload = arena.alloc(rowBytes * rows.length);
  const own = arena.bytes(payload, rowBytes * rows.length);
  // A dummy's record is never opened; random, it is as any other.
  for (let at = 0; at < own.length; at += RANDOM) own.set(rng(Math.min(RANDOM, own.length - at)), at);
  gatherRows(own, records.stored, rowBytes, rows);
  const n = THIRDS * rows.length;
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
 * The pads of all bins as rows: what S's random wires of the plan hold, and random bits where rows have no field. Were those left alone, H would
 * decode zeros there just where entries met.
 */
function* padRows(
  kernels: Kernels,
  program: ShardProgram,
  plan: Plan,
  { rowBytes, fields }: Layout,
  masks: Masks,
  rng: Rng,
): Steps<Ptr> {
  const { abi, arena } = kernels;
  const lanes = binsOfShard(program);
  const rows = arena.alloc(rowBytes * lanes);
  const bytes = arena.bytes(rows, rowBytes * lanes);
  for (let at = 0; at < bytes.length; at += RANDOM) bytes.set(rng(Math.min(RANDOM, bytes.length - at)), at);
  const work = arena.alloc(PLANES_WORK_BYTES);
  let field = 0;
  for (const [i, part] of laneParts(program).entries()) {
    if (part.from === 'a') continue;
    const at = fields[field++]!;
    const pad = randomInput(plan, `s/${i}`, masks);
    if (part.kind === 'word') placeColumn(kernels, rows, rowBytes, at, pad);
    else {
      const planes = arena.alloc(pad.length);
      arena.bytes(planes, pad.length).set(pad);
      abi.planesToRows(rows, rowBytes, planes, planeBits(lanes) / 8, lanes, 8 * at.at, 8 * at.at + part.width, work);
      arena.free(planes);
    }
    pad.fill(0);
    yield;
  }
  arena.free(work);
  return rows;
}
