import { dealCorrections, inputPads, planCost } from '@symbolon/engine';
import type { LinkResult } from '../pairs.ts';
import type { Protocol } from '../session.ts';
import { parseAllPairs } from './parse.ts';
import { allPairsPlan } from './plan.ts';
import type { AllPairsProgram } from './program.ts';
import { AllPairsSession, type PairVectors } from './session.ts';

export const allPairsProtocol: Protocol<AllPairsProgram, PairVectors, LinkResult> = {
  parse: parseAllPairs,
  cost(program) {
    const plan = allPairsPlan(program);
    const { rounds, answerKeyBytes, inputBytes, padBytes, openedBytes, revealedBytes } = planCost(plan);
    const sent = (owner: 0 | 1): number => inputBytes[owner]! + openedBytes + revealedBytes[1 - owner]!;
    return {
      rounds,
      sentBytes: [sent(0), sent(1)],
      answerKeyBytes,
      answerKeyTo: 0,
      padBytes: [padBytes[0]!, padBytes[1]!],
      stages: plan.stages.length,
    };
  },
  pads: (program, owner) => inputPads(allPairsPlan(program), owner),
  deal: ({ program, masks, kernels }) => dealCorrections({ plan: allPairsPlan(program), masks, kernels }),
  open: (options) => new AllPairsSession(options),
};
