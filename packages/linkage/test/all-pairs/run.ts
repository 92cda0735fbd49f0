import { runClear } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { memoryNetwork, seeds } from '../../../engine/test/network.ts';
import {
  type AllPairsProgram,
  allPairsPlan,
  type CompiledRule,
  countName,
  dealLink,
  decodeCount,
  decodeVerdicts,
  encodePairs,
  type LinkResult,
  type LocalTable,
  leafInputs,
  openLinkSession,
  tilesOf,
  verdictName,
} from '../../src/index.ts';

const kernels = createKernels();

interface Tables {
  readonly a: LocalTable;
  readonly b: LocalTable;
}

/** What the plan reveals, run in the clear, `together` tiles a choice. */
export function chosen(rule: CompiledRule, tables: Tables, program: AllPairsProgram, together = 100) {
  const inputs: Record<string, Uint8Array> = {};
  for (const leaf of rule.leaves.keys()) {
    for (const side of ['a', 'b'] as const)
      Object.assign(inputs, leafInputs(program, leaf, side, encodePairs(rule, leaf, side, tables[side], kernels)));
  }
  const tiles = tilesOf(program);
  const choices = Array.from({ length: Math.ceil(tiles.length / together) }, (_, i) =>
    tiles.slice(i * together, (i + 1) * together),
  );
  const revealed = runClear(allPairsPlan(program, choices), inputs);
  if (program.reveal === 'count') return decodeCount(program, revealed[countName]!);
  return tiles.flatMap(({ index }) => [...decodeVerdicts(program, index, revealed[verdictName(index)]!)]);
}

/** Both parties and the key service, in this process. */
export async function link(rule: CompiledRule, tables: Tables, program: AllPairsProgram) {
  const masks = seeds(2, 1);
  const answerKey = Buffer.concat([...dealLink({ program, masks: masks.own, kernels: createKernels() })]);
  const { channels, frames } = memoryNetwork(2);
  const run = async (side: 'a' | 'b', index: number): Promise<LinkResult> => {
    const session = openLinkSession({
      program,
      index,
      masks: { own: masks.own[index]!, pairs: [0, 1].map((peer) => (peer === index ? undefined : masks.pair(0, 1))) },
      channel: channels[index]!,
      kernels: createKernels(),
      rng: (length) => new Uint8Array(length),
      name: String,
      pause: async () => undefined,
    });
    const vectors = rule.leaves.map((_, leaf) => encodePairs(rule, leaf, side, tables[side], createKernels()));
    await session.exchange(vectors, new Uint8Array(32).fill(index));
    let at = 0;
    const read = async (bytes: number): Promise<Uint8Array> => {
      at += bytes;
      return new Uint8Array(answerKey.subarray(at - bytes, at));
    };
    const steps = session.evaluate({ read });
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
    }
  };
  const results = await Promise.all([run('a', 0), run('b', 1)]);
  return { results, frames, answerKeyBytes: answerKey.length };
}
