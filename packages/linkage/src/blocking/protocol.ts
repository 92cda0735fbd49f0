import { dealCorrections, inputPads, type Plan, planCost } from '@symbolon/engine';
import type { LinkCost, Protocol } from '../session.ts';
import { dealShard } from './dealer.ts';
import { shardPlan } from './plan.ts';
import { parseResolve, parseShard, type ResolveProgram, type ShardProgram, storedLayout } from './program.ts';
import { resolvePlan } from './resolve.ts';
import { type Resolved, type ResolveInput, ResolveSession } from './resolve-session.ts';
import { meetCost } from './shape.ts';
import { type ShardInput, type ShardResult, ShardSession } from './shard.ts';

/** Of an OKVS seed. */
const SEED = 32;
/** Messages of a shard before its plan: random starts, H's vector, S's store. */
const MEET_ROUNDS = 3;

export const shardProtocol: Protocol<ShardProgram, ShardInput, ShardResult> = {
  parse: parseShard,
  cost(program) {
    const { rounds, sentBytes, answerKeyBytes, padBytes } = costOfPlan(shardPlan(program));
    const { vectorBytes, storeBytes } = meetCost(program.entries, storedLayout(program).rowBytes);
    return {
      rounds: MEET_ROUNDS + 1 + rounds,
      sentBytes: [sentBytes[0] + SEED + vectorBytes, sentBytes[1] + SEED + storeBytes],
      answerKeyBytes: vectorBytes + answerKeyBytes,
      answerKeyTo: 0,
      padBytes: [padBytes[0] + vectorBytes, padBytes[1]],
      stages: 1,
    };
  },
  pads(program, owner) {
    const plan = shardPlan(program);
    const { vectorBytes } = meetCost(program.entries, storedLayout(program).rowBytes);
    const vector = owner === 0 ? [{ node: plan.nodes.length, bytes: vectorBytes }] : [];
    return [...inputPads(plan, owner), ...vector];
  },
  deal: dealShard,
  open: (options) => new ShardSession(options),
};

export const resolveProtocol: Protocol<ResolveProgram, ResolveInput, Resolved> = {
  parse: parseResolve,
  cost(program) {
    const plan = resolvePlan(program);
    return { ...costOfPlan(plan), stages: plan.stages.length };
  },
  pads: (program, owner) => inputPads(resolvePlan(program), owner),
  deal: ({ program, masks, kernels }) => dealCorrections({ plan: resolvePlan(program), masks, kernels }),
  open: (options) => new ResolveSession(options),
};

function costOfPlan(plan: Plan): Omit<LinkCost, 'stages'> {
  const { rounds, answerKeyBytes, inputBytes, padBytes, openedBytes, sentBytes, revealedBytes } = planCost(plan);
  return {
    rounds,
    sentBytes: [
      inputBytes[0]! + openedBytes + sentBytes[0]![1]! + revealedBytes[1]!,
      inputBytes[1]! + openedBytes + sentBytes[1]![0]! + revealedBytes[0]!,
    ],
    answerKeyBytes,
    answerKeyTo: 0,
    padBytes: [padBytes[0]!, padBytes[1]!],
  };
}
