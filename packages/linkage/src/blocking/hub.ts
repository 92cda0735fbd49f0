import type { Rng } from '@symbolon/crypto';
import type { Kernels, Ptr } from '@symbolon/kernels';
import { NONE } from '../psi/keys.ts';
import { entriesByBin, laneColumn, rowsByBin } from './bin-rows.ts';
import { type Layout, layoutOf } from './layout.ts';
import { laneParts } from './plan.ts';
import { binsOfShard, type ShardProgram } from './program.ts';
import { gatherRows, type Records } from './records.ts';

type Steps<Result = void> = Generator<void, Result>;

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
  const { rowBytes, fields } = layout;
  const lanes = binsOfShard(program);
  const write = (own: Uint8Array): void => gatherRows(own, records.stored, rowBytes, rows);
  const ptr = yield* rowsByBin({ kernels, layout, lanes, bins, decoded, write, rng });
  const rowIn = entriesByBin(bins, lanes).map((entry) => (entry === NONE ? NONE : rows[entry]!));
  const inputs: Record<string, Uint8Array> = {};
  let field = 0;
  for (const [i, part] of laneParts(program).entries()) {
    inputs[`h/${i}`] =
      part.from === 'a'
        ? ownColumn(kernels, layoutOf([part]), records.own.get(i)!, rowIn)
        : laneColumn(kernels, ptr, rowBytes, fields[field++]!, lanes);
    yield;
  }
  kernels.arena.free(ptr);
  return inputs;
}

/** A column of what only H knows; zeros where there is no record, which its pad hides. */
function ownColumn(kernels: Kernels, { rowBytes, fields }: Layout, own: Uint8Array, rowIn: Uint32Array): Uint8Array {
  const { arena } = kernels;
  const rows = arena.alloc(rowBytes * rowIn.length);
  gatherRows(arena.bytes(rows, rowBytes * rowIn.length).fill(0), own, rowBytes, rowIn);
  const result = laneColumn(kernels, rows, rowBytes, fields[0]!, rowIn.length);
  arena.free(rows);
  return result;
}
