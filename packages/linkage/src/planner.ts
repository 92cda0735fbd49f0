import { base64url, canonicalBytes, hashLabelled, SymbolonError } from '@symbolon/crypto';
import { isBilinear } from './all-pairs/leaf.ts';
import { type AllPairsProgram, allPairsProgram } from './all-pairs/program.ts';
import type { ResolveProgram } from './blocking/program.ts';
import { type BlockingRun, blockingRun } from './blocking/run.ts';
import { entriesOf, leastEntries, shardEntries } from './blocking/shape.ts';
import type { Outcome } from './outcome.ts';
import { linkProgram } from './program.ts';
import { type LinkProgram, linkCost, programHash } from './protocols.ts';
import { rates } from './rates.ts';
import type { CompiledRule } from './rule/compile.ts';
import type { LinkCost } from './session.ts';

/** What is to be linked: an agreement's rule, and its blocking keys if it has any. */
export interface LinkRules {
  readonly rule: CompiledRule;
  readonly blocking?:
    | {
        /** Number of keys. */
        readonly keys: number;
        readonly cap: number;
        /** The rule, and one of the keys at least: what all pairs are held against, so that no other pair becomes known. */
        readonly candidates: CompiledRule;
      }
    | undefined;
}

/** A run: sessions with keys of their own, all of them from public sizes alone. The last one opens the result. */
export interface LinkPlan {
  readonly rows: readonly [a: number, b: number];
  readonly blocking: BlockingRun | undefined;
  readonly last: ReturnType<typeof linkProgram> | ResolveProgram;
  /** Why it is this one, for people. */
  readonly why: string;
  /** What a run of the other kind would cost, where there is a choice. */
  readonly instead: PlanCost | undefined;
}

/** What all sessions of a run cost together. */
export interface PlanCost extends Omit<LinkCost, 'answerKeyTo'> {
  readonly kind: 'keys' | 'all-pairs' | 'blocking';
  readonly sessions: number;
  /** About, on a machine like that of the benches. */
  readonly seconds: number;
}

/**
 * Decides how a rule runs: intersection by key where it is one equality; among candidates of the blocking keys, or all pairs of which one
 * key at least is equal, whichever is cheaper. Both sides decide alike.
 *
 * @param target entries of a shard, about
 * @throws SymbolonError `plan-invalid` where neither can run for tables of these sizes
 */
export function planLink(
  { rule, blocking }: LinkRules,
  outcome: Outcome,
  rows: readonly [a: number, b: number],
  target: number = shardEntries,
): LinkPlan {
  if (blocking === undefined) {
    const last = withoutKeys(rule, rows, outcome);
    const why = last.protocol === 'link-keys/1' ? 'the rule is one equality' : 'the agreement names no blocking keys';
    return { rows, blocking: undefined, last, why, instead: undefined };
  }
  const { keys, cap, candidates } = blocking;
  const all = attempt(() => whole(rows, allPairsProgram(candidates, rows[0], rows[1], outcome)));
  const entries = Math.max(...entriesOf({ rows, keys, cap }));
  if (entries < leastEntries && !(all instanceof SymbolonError)) {
    return { ...all, why: `blocking is for ${leastEntries} entries (rows · keys · cap) at least; here are ${entries}` };
  }
  const blocked = attempt(() => inBlocks(rule, blocking, outcome, rows, target));
  if (all instanceof SymbolonError) {
    if (blocked instanceof SymbolonError) throw blocked;
    const isTwice = outcome.cardinality === 'one-to-one' && outcome.prefer === 'best';
    const why = isTwice
      ? 'of all pairs, the best for rows of both sides cannot be picked'
      : 'all pairs would be too many for one session';
    return { ...blocked, why };
  }
  if (blocked instanceof SymbolonError) return { ...all, why: blocked.message };
  const [costs, others] = [planCostOf(blocked), planCostOf(all)];
  return costs.seconds < others.seconds
    ? { ...blocked, why: 'it is cheaper than all pairs', instead: others }
    : { ...all, why: 'it is cheaper than blocking', instead: costs };
}

/** 32 bytes that stand for all programs of a run, in order; of one session, its program's. */
export function planHash(plan: LinkPlan): Uint8Array {
  const [only, ...more] = sessionsOf(plan);
  if (more.length === 0 && only!.times === 1) return programHash(only!.program);
  const programs = sessionsOf(plan).map(({ program, times }) => ({ program: base64url(programHash(program)), times }));
  return hashLabelled('symbolon/link/run/1', canonicalBytes(programs));
}

/** Programs in the order in which they run, each so many times. */
export function sessionsOf({ blocking, last }: LinkPlan): { program: LinkProgram; times: number }[] {
  const shards = blocking === undefined ? [] : [{ program: blocking.shard, times: blocking.sharding.shards }];
  return [...shards, { program: last, times: 1 }];
}

export function planCostOf(plan: LinkPlan): PlanCost {
  const parts = sessionsOf(plan).map(({ program, times }) => ({ times, ...linkCost(program) }));
  const sum = (of: (cost: LinkCost) => number): number =>
    parts.reduce((total, { times, ...cost }) => total + times * of(cost), 0);
  const sentBytes = [sum((cost) => cost.sentBytes[0]), sum((cost) => cost.sentBytes[1])] as const;
  const answerKeyBytes = sum((cost) => cost.answerKeyBytes);
  const sessions = parts.reduce((total, { times }) => total + times, 0);
  const rounds = sum((cost) => cost.rounds);
  const kind = plan.blocking !== undefined ? 'blocking' : plan.last.protocol === 'link-keys/1' ? 'keys' : 'all-pairs';
  return {
    kind,
    sessions,
    rounds,
    sentBytes,
    answerKeyBytes,
    padBytes: [sum((cost) => cost.padBytes[0]), sum((cost) => cost.padBytes[1])],
    stages: sum((cost) => cost.stages),
    seconds:
      rates.runSeconds[kind] +
      sessions * rates.sessionSeconds +
      rounds * rates.roundSeconds +
      (plan.rows[0] + plan.rows[1]) / rates.rowsPerSecond +
      (sentBytes[0] + sentBytes[1] + answerKeyBytes) / rates.bytesPerSecond +
      products(plan) / rates.productsPerSecond,
  };
}

function products({ last }: LinkPlan): number {
  if (last.protocol !== 'link-all-pairs/1') return 0;
  return last.leaves.reduce((sum, leaf) => sum + (isBilinear(leaf) ? leaf.inner : 0), 0) * last.rows[0] * last.rows[1];
}

function withoutKeys(rule: CompiledRule, [a, b]: readonly [number, number], outcome: Outcome): LinkPlan['last'] {
  try {
    return linkProgram(rule, a, b, outcome);
  } catch (error) {
    if (!(error instanceof SymbolonError) || error.code !== 'plan-invalid') throw error;
    throw new SymbolonError(error.code, `${a} rows and ${b} rows without blocking keys: ${error.message}`, {
      hint: 'Agree on blocking keys, so that fewer pairs are compared; some are proposed by: symbolon link tune',
      cause: error,
    });
  }
}

function whole(rows: readonly [number, number], last: AllPairsProgram): LinkPlan {
  return { rows, blocking: undefined, last, why: '', instead: undefined };
}

function inBlocks(
  rule: CompiledRule,
  { keys, cap }: NonNullable<LinkRules['blocking']>,
  outcome: Outcome,
  rows: readonly [number, number],
  target: number,
): LinkPlan {
  const { cardinality, prefer, reveal, to } = outcome;
  const blocking = blockingRun(rule, { keys, cap, cardinality, prefer, reveal, to }, rows, target);
  return { rows, blocking, last: blocking.resolve, why: '', instead: undefined };
}

function attempt(plan: () => LinkPlan): LinkPlan | SymbolonError {
  try {
    return plan();
  } catch (error) {
    if (error instanceof SymbolonError && error.code === 'plan-invalid') return error;
    throw error;
  }
}
