import { insecureTestRng, Prg, type Rng, systemRng, toEnd } from '@symbolon/crypto';
import type { AnswerKey, PartyMasks } from '@symbolon/engine';
import { dealCorrections } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { dealShard } from '../../src/blocking/dealer.ts';
import { resolvePlan } from '../../src/blocking/resolve.ts';
import { type Resolved, ResolveSession } from '../../src/blocking/resolve-session.ts';
import type { BlockingRun } from '../../src/blocking/run.ts';
import { ShardSession } from '../../src/blocking/shard.ts';
import { prepareSide, type RunSide } from '../../src/blocking/side.ts';
import type { PsiKeys } from '../../src/psi/keys.ts';
import { channelPair } from '../psi/run.ts';
import { answerKeyOf } from '../psi/sides.ts';

/** One side's table, ready for a run. */
export interface SideTable {
  /** The row of each number. */
  readonly order: Uint32Array;
  /** Of each blocking key. */
  readonly keys: readonly PsiKeys[];
  /** Of the leaves' parts. */
  readonly columns: readonly Uint8Array[];
}

interface Party {
  exchange(input: never, salt: Uint8Array): Promise<Uint8Array>;
  evaluate(answerKey?: AnswerKey): AsyncGenerator<number, unknown>;
  end(): void;
}

export interface RunOptions {
  readonly seed?: number;
  readonly rng?: Rng;
}

/** All roles of a run in this process, session after session. */
export async function runBlocking(run: BlockingRun, tables: readonly [SideTable, SideTable], options: RunOptions = {}) {
  const rng = options.rng ?? systemRng;
  const runKey = rng(32);
  const kernels = [createKernels(), createKernels(), createKernels()] as const;
  const times: Record<string, number> = {};
  const sides = tables.map(({ keys, columns, order }, i) => {
    const side = i as 0 | 1;
    const made = toEnd(prepareSide({ run, side, keys, columns, order, runKey, kernels: kernels[side], rng }));
    kernels[side].arena.zeroise();
    return made;
  });
  const frames: { from: number; bytes: number }[][] = [];
  const answerKeyBytes: number[] = [];
  let sessions = 0;
  /** Both parties' results of one session, with keys of its own. */
  const session = async <Result>(
    deal: (masks: Prg[]) => Generator<Uint8Array>,
    open: (index: number, masks: PartyMasks, channel: ReturnType<typeof channelPair>['channels'][0]) => Party,
    inputs: readonly unknown[],
  ): Promise<Result[]> => {
    const number = ++sessions;
    const masks = [0, 1, 2].map((i) => new Prg(insecureTestRng(`${options.seed ?? 1} ${number} ${i}`)(32)));
    const [a, b, pair] = masks as [Prg, Prg, Prg];
    const { channels, frames: sent } = channelPair();
    const parties = channels.map((channel, i) =>
      open(i, { own: i === 0 ? a : b, pairs: i === 0 ? [undefined, pair] : [pair, undefined] }, channel),
    );
    const hashes = await Promise.all(parties.map((party, i) => party.exchange(inputs[i] as never, rng(32))));
    if (Buffer.compare(hashes[0]!, hashes[1]!) !== 0) throw new Error('the parties hold other masked data');
    const started = performance.now();
    const dealt = Buffer.concat([...deal([a, b])]);
    answerKeyBytes.push(dealt.length);
    const answerKey = answerKeyOf(dealt);
    times.dealer = (times.dealer ?? 0) + performance.now() - started;
    const results = await Promise.all(
      parties.map(async (party, i) => {
        const steps = party.evaluate(i === 0 ? answerKey : undefined);
        for (;;) {
          const step = await steps.next();
          if (step.done) return step.value as Result;
        }
      }),
    );
    for (const party of parties) party.end();
    frames.push(sent.map(({ from, bytes }) => ({ from, bytes: bytes.length })));
    return results;
  };
  const common = { rng, name: (party: number) => `party ${party}`, pause: () => Promise.resolve() };
  for (let shard = 0; shard < run.sharding.shards; shard++) {
    const results = await session<Parameters<RunSide['take']>[1]>(
      (masks) => dealShard({ program: run.shard, masks, kernels: kernels[2] }),
      (index, masks, channel) =>
        new ShardSession({ program: run.shard, index, masks, channel, kernels: kernels[index]!, ...common }),
      sides.map((side) => side.input(shard)),
    );
    for (const [i, side] of sides.entries()) side.take(shard, results[i]!);
  }
  const resolved = await session<Resolved>(
    (masks) => dealCorrections({ plan: resolvePlan(run.resolve), masks, kernels: kernels[2] }),
    (index, masks, channel) =>
      new ResolveSession({ program: run.resolve, index, masks, channel, kernels: kernels[index]!, ...common }),
    sides.map((side) => side.resolved()),
  );
  return { resolved, frames, answerKeyBytes, sides, cut: sides.map(({ cutRecords }) => cutRecords), times };
}
