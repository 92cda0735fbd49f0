import type { Rng } from '@symbolon/crypto';
import type { AnswerKey, Channel, Masks, PartyMasks } from '@symbolon/engine';
import { byteLength, dealCorrections, planCost } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import { allPairsPlan } from './all-pairs/plan.ts';
import { AllPairsSession } from './all-pairs/session.ts';
import { tilesOf } from './all-pairs/tiles.ts';
import type { Pairs } from './pairs.ts';
import type { LinkProgram } from './program.ts';
import { dealVectorOle } from './psi/dealer.ts';
import type { PsiKeys } from './psi/keys.ts';
import { PsiSession } from './psi/session.ts';
import { psiCost } from './psi/shape.ts';

/** What a program costs, known before it runs. Bytes are payload; a is p0. */
export interface LinkCost {
  readonly rounds: number;
  /** From each party to the other. */
  readonly sentBytes: readonly [a: number, b: number];
  readonly answerKeyBytes: number;
  /** Of what goes under one-time pads, by owner. */
  readonly inputBytes: readonly [a: number, b: number];
  /** Units of work, of progress. */
  readonly stages: number;
}

export function linkCost(program: LinkProgram): LinkCost {
  if (program.protocol === 'link-keys/1') {
    const [a, b] = program.rows;
    const { vectorBytes, answerKeyBytes, valueBytes } = psiCost(program.rows);
    const sentBytes = [32 + vectorBytes + 4 * b + 4 * a, valueBytes * b + 4 * b] as const;
    return { rounds: 4, sentBytes, answerKeyBytes, inputBytes: [vectorBytes, 0], stages: 1 };
  }
  const { rounds, answerKeyBytes, inputBytes, openedBytes, revealedBytes } = planCost(allPairsPlan(program));
  const sent = (owner: 0 | 1): number => inputBytes[owner]! + openedBytes + revealedBytes[1 - owner]!;
  return {
    rounds,
    sentBytes: [sent(0), sent(1)],
    answerKeyBytes,
    inputBytes: [inputBytes[0]!, inputBytes[1]!],
    stages: tilesOf(program).length,
  };
}

/** How the full-length pads of a party are laid out in the stream that it gets: its inputs, by their number in the program. */
export function linkPads(program: LinkProgram, owner: number): { node: number; bytes: number }[] {
  if (program.protocol === 'link-keys/1')
    return owner === 0 ? [{ node: 0, bytes: psiCost(program.rows).vectorBytes }] : [];
  const { nodes, wires } = allPairsPlan(program);
  return nodes.flatMap((node, index) =>
    node.op === 'input' && node.owner === owner ? [{ node: index, bytes: byteLength(wires[node.out[0]!]!) }] : [],
  );
}

/** The answer key of a program, chunk by chunk. Runs at: the key service. Learns: nothing. */
export function dealLink(params: {
  program: LinkProgram;
  masks: readonly Masks[];
  kernels: Kernels;
}): Generator<Uint8Array> {
  const { program, masks, kernels } = params;
  return program.protocol === 'link-keys/1'
    ? dealVectorOle({ rows: program.rows, masks, kernels })
    : dealCorrections({ plan: allPairsPlan(program), masks, kernels });
}

/** One side's records as a program takes them, in the secret order of the run. */
export interface LinkInput {
  /** Of a comparison of all pairs, as `encodePairs` gives them. */
  vectors(leaf: number, kernels: Kernels): Uint8Array[];
  /** Of an intersection by key. */
  keys(): PsiKeys;
}

/**
 * One side of a link: `exchange`, then `evaluate`, then `end`; each once.
 *
 * Runs at: both parties. Learns: which row numbers of a and b belong together.
 */
export interface LinkSession {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** The frames so far with a peer, each way; equal at both. */
  transcript(peer: number): readonly [Uint8Array, Uint8Array];
  /** Masked data both ways. @param salt 32 fresh random bytes @returns the hash of all of it, which both sign */
  exchange(input: LinkInput, salt: Uint8Array): Promise<Uint8Array>;
  /** Yields the share of the work that is done; last, the pairs. @param answerKey p0's */
  evaluate(answerKey?: AnswerKey): AsyncGenerator<number, Pairs>;
  /** Overwrites everything that the session held. */
  end(): void;
}

export interface LinkOptions {
  readonly program: LinkProgram;
  /** 0: the owner of a, 1: of b. */
  readonly index: number;
  readonly masks: PartyMasks;
  readonly channel: Channel;
  readonly kernels: Kernels;
  readonly rng: Rng;
  readonly name: (party: number) => string;
  /** Gives others their turn between slices of work. */
  readonly pause: () => Promise<void>;
}

export function openLinkSession(options: LinkOptions): LinkSession {
  const { program } = options;
  return program.protocol === 'link-keys/1'
    ? new PsiSession({ ...options, rows: program.rows })
    : new AllPairsSession({ ...options, program });
}
