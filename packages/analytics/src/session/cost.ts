import { inputPads, planCost } from '@symbolon/engine';
import { meetCost } from '@symbolon/linkage';
import { rowLayout } from './meet.ts';
import type { Meet, StudyProgram } from './program.ts';

/** Bytes of a random start, of the seed of a store, of the hash of a meet. */
export const START = 32;
const SEED = 32;
const DIGEST = 32;
/** Messages that meets add: the starts before their plan's inputs, the hub's vectors, the spokes' stores, the hub's shares. */
const MEET_ROUNDS = 4;

/** What a session costs, known before it runs: exactly what is sent, frames' own headers excepted. */
export interface StudyCost {
  readonly rounds: number;
  /** Bytes from one party to another: `sentBytes[from][to]`. */
  readonly sentBytes: readonly (readonly number[])[];
  /** To p0. */
  readonly answerKeyBytes: number;
  /** Of one-time pads, by the party that has them. */
  readonly padBytes: readonly number[];
  /** Units of work, of progress. */
  readonly stages: number;
}

/** A one-time pad of a party; `node` is its number in the program. */
export interface StudyPad {
  readonly node: number;
  readonly bytes: number;
}

/** The bytes of a meet's vector and store. */
export function bytesOfMeet(meet: Meet): ReturnType<typeof meetCost> {
  return meetCost(meet.entries, rowLayout(meet).rowBytes);
}

/**
 * Who tells whom of which meets: those that took part tell those that did not, so that all sign one hash of everything.
 *
 * @returns the meets of which `from` tells `to`
 */
export function toldMeets({ meets }: Pick<StudyProgram, 'meets'>, from: number, to: number): number[] {
  const takesPart = (party: number, { spoke }: Meet): boolean => party === 0 || party === spoke;
  return meets.flatMap((meet, at) => (takesPart(from, meet) && !takesPart(to, meet) ? [at] : []));
}

export function studyCost(program: StudyProgram): StudyCost {
  const { parties, meets, plan } = program;
  const cost = planCost(plan);
  const told = (from: number, to: number): number => DIGEST * toldMeets(program, from, to).length;
  const met = meets.map((meet) => ({ spoke: meet.spoke, ...bytesOfMeet(meet) }));
  const sum = (from: number, to: number): number =>
    met.reduce((bytes, { spoke, vectorBytes, storeBytes }) => {
      if (from === 0 && to === spoke) return bytes + SEED + vectorBytes;
      return from === spoke && to === 0 ? bytes + SEED + storeBytes : bytes;
    }, 0);
  const all = Array.from({ length: parties }, (_, party) => party);
  // Those that the meets' hashes need come before those of the inputs.
  const starts = meets.length === 0 ? 1 : 2;
  const tells = all.some((from) => all.some((to) => told(from, to) > 0));
  const vectors = met.reduce((bytes, { vectorBytes }) => bytes + vectorBytes, 0);
  return {
    rounds: 1 + (meets.length === 0 ? 0 : MEET_ROUNDS) + (tells ? 1 : 0) + cost.rounds,
    sentBytes: all.map((from) =>
      all.map((to) => {
        if (from === to) return 0;
        const { inputBytes, openedBytes, sentBytes, revealedBytes } = cost;
        const ofPlan = inputBytes[from]! + openedBytes + sentBytes[from]![to]! + revealedBytes[to]!;
        return starts * START + sum(from, to) + told(from, to) + ofPlan;
      }),
    ),
    answerKeyBytes: vectors + cost.answerKeyBytes,
    padBytes: cost.padBytes.map((bytes, party) => (party === 0 ? bytes + vectors : bytes)),
    stages: plan.stages.length,
  };
}

/** The number of the hub's pad of a meet, behind the nodes of the plan: an input's, so that `pads: full` covers it. */
export function padNode({ plan }: Pick<StudyProgram, 'plan'>, meet: number): number {
  return plan.nodes.length + meet;
}

/** What a session takes on the build machine: all roles and their TLS on two cores (bench/RESULTS.md). Elsewhere the network sets the pace. */
const rates = {
  /** Keys, signatures and databases. */
  sessionSeconds: 0.3,
  /** A frame each way between all, small ones. */
  roundSeconds: 0.004,
  /** Masked values and answer keys, made, sent and taken in. */
  bytesPerSecond: 50e6,
} as const;

/** About how long a session takes. */
export function expectedSeconds({ rounds, sentBytes, answerKeyBytes }: StudyCost): number {
  const { sessionSeconds, roundSeconds, bytesPerSecond } = rates;
  const bytes = answerKeyBytes + sentBytes.flat().reduce((sum, one) => sum + one, 0);
  return sessionSeconds + rounds * roundSeconds + bytes / bytesPerSecond;
}

/** How the full-length pads of a party are laid out in the stream that it gets. */
export function studyPads(program: StudyProgram, owner: number): StudyPad[] {
  const { meets, plan } = program;
  const vectors = meets.map((meet, at) => ({ node: padNode(program, at), bytes: bytesOfMeet(meet).vectorBytes }));
  return [...inputPads(plan, owner), ...(owner === 0 ? vectors : [])];
}
