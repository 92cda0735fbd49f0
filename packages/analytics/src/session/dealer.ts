import { dealCorrections, inputLabel, type Masks } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import { dealVectorOle } from '@symbolon/linkage';
import { padNode } from './cost.ts';
import type { StudyProgram } from './program.ts';

/** A party's masks for one meet: its streams have labels of their own. */
export function masksOfMeet(masks: Masks, meet: number): Masks {
  return { stream: (label) => masks.stream(`meet/${meet}/${label}`) };
}

/** The label of the hub's pad A over its entries in one meet. */
export function padLabel(program: StudyProgram, meet: number): string {
  return inputLabel(padNode(program, meet));
}

/**
 * The answer key of a session, all of it for p0: its part of each meet's vector-OLE, then the corrections of the plan.
 *
 * Runs at: the key service. Learns: nothing; it sees numbers and shapes only.
 *
 * @param params.masks of p0 … pN−1
 */
export function* dealStudy(params: {
  program: StudyProgram;
  masks: readonly Masks[];
  kernels: Kernels;
}): Generator<Uint8Array> {
  const { program, masks, kernels } = params;
  for (const [at, { spoke, entries }] of program.meets.entries()) {
    const both = [masks[0]!, masksOfMeet(masks[spoke]!, at)];
    yield* dealVectorOle({ rows: entries, masks: both, kernels, pad: padLabel(program, at) });
  }
  yield* dealCorrections({ plan: program.plan, masks, kernels });
}
