import { dealCorrections, type Masks } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import { dealVectorOle } from '../psi/dealer.ts';
import { shardPlan } from './plan.ts';
import type { ShardProgram } from './program.ts';
import { padLabel } from './shard.ts';

/**
 * The answer key of a shard: H's part of the vector-OLE, then the corrections of the plan.
 *
 * Runs at: the key service. Learns: nothing; it sees numbers and shapes only.
 */
export function* dealShard(params: {
  program: ShardProgram;
  masks: readonly Masks[];
  kernels: Kernels;
}): Generator<Uint8Array> {
  const { program, masks, kernels } = params;
  const plan = shardPlan(program);
  yield* dealVectorOle({ rows: program.entries, masks, kernels, pad: padLabel(plan) });
  yield* dealCorrections({ plan, masks, kernels });
}
