import { type LinkAgreement, linkTerms, requireLink } from '@symbolon/agreement';
import {
  type CompiledRule,
  explainRule,
  type LinkPlan,
  mostPartners,
  type PlanCost,
  planCostOf,
  planLink,
} from '@symbolon/linkage';
import { ruleTerms } from '../agreements/words.ts';
import { learners } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { compileRules } from './input.ts';

/** A way to find the pairs, and its cost. */
export interface LinkWay {
  /** By intersection, of all pairs, or among the candidates of blocking keys. */
  readonly kind: PlanCost['kind'];
  /** Each with one-time keys of its own. */
  readonly sessions: number;
  readonly rounds: number;
  /** Payload of each party's frames to the other. */
  readonly bytes: { readonly a: number; readonly b: number };
  /** Bytes that the key service sends to one of the parties. */
  readonly answerKeyBytes: number;
  /** About, on a machine like that of the benches. */
  readonly seconds: number;
}

/** What a link will cost and who will learn what, before it runs. */
export interface LinkExplanation {
  readonly hash: string;
  readonly title: string;
  /** Rows that the numbers below are for. */
  readonly rows: { readonly a: number; readonly b: number };
  readonly pairs: number;
  /** Tables whose size is not known here: the agreement's limit stands for it. */
  readonly atMost: readonly ('a' | 'b')[];
  /** How the pairs are found, why so, and what it costs. */
  readonly way: LinkWay;
  readonly why: string;
  /** The other way, where there is a choice. */
  readonly instead: LinkWay | null;
  /** What is compared, how, and what opens. */
  readonly rule: readonly string[];
  /** By role, in sentences. */
  readonly learns: readonly { readonly who: string; readonly what: string }[];
  /** What this does not protect against, in sentences. */
  readonly remarks: readonly string[];
}

/** Seconds of an all-pairs link above which blocking keys are named. */
const patience = 30;

/** @param rows that are known; for the others, the most that the agreement allows */
export async function explain(
  context: PartyContext,
  hash: string,
  rows: { readonly a?: number; readonly b?: number } = {},
): Promise<LinkExplanation> {
  const stored = await context.agreements.get(hash);
  const agreement = requireLink(stored.agreement);
  const { a, b } = agreement.tables;
  const known = { a: rows.a ?? (await rowsOf(context, a)), b: rows.b ?? (await rowsOf(context, b)) };
  const sizes = { a: known.a ?? a.maxRows, b: known.b ?? b.maxRows };
  const rules = await compileRules(agreement);
  const { rule } = rules;
  const outcome = { ...linkTerms(agreement), to: learners(agreement) };
  const plan = planLink(rules, outcome, [sizes.a, sizes.b], context.settings.shardEntries);
  const cost = planCostOf(plan);
  return {
    hash: stored.hash,
    title: agreement.title,
    rows: sizes,
    pairs: sizes.a * sizes.b,
    atMost: (['a', 'b'] as const).filter((side) => known[side] === undefined),
    way: wayOf(cost),
    why: plan.why,
    instead: plan.instead === undefined ? null : wayOf(plan.instead),
    rule: explainRule(rule, ruleTerms(agreement)),
    learns: [
      ...partiesLearn(agreement),
      {
        who: `the key service (${agreement.keyService.name})`,
        what: 'that these two run a program of this shape on tables of these sizes, and when; no data, masked or not.',
      },
    ],
    remarks: [
      exactness(rule, plan, sizes),
      plan.blocking === undefined ? missedByNone(agreement) : missed(agreement),
      ...(cost.kind === 'all-pairs' && cost.seconds > patience && agreement.link.blocking === undefined
        ? [
            'Comparing all pairs takes long. Blocking keys may do with far fewer; some are proposed by: symbolon link tune',
          ]
        : []),
      masking(plan, agreement.pads),
      'Successive runs reveal the changes between them: who was added, and whether they match.',
      `A party can probe: it may put invented patients into its table and see whether they match. The agreement bounds this by its number of runs (${count(agreement.link.maxRuns)}) and rows (${count(a.maxRows)} and ${count(b.maxRows)}).`,
      'Neither party may collude with the key service, and both are assumed to follow the protocol.',
    ],
  };
}

/** What each party learns, by what the agreement reveals. */
function partiesLearn(agreement: LinkAgreement): { who: string; what: string }[] {
  const { a, b } = agreement.tables;
  const { reveal, to } = linkTerms(agreement);
  const size = 'the number of rows of the other table';
  const not = 'Not which comparison matched, no score, no near miss, no record.';
  const numbers =
    'the other side numbers its rows by a fresh secret permutation, so a number says nothing beyond this run.';
  const result =
    reveal === 'count'
      ? `${size}, and how many pairs match, not which rows. ${not}`
      : `${size}, and which of its own rows belong to which number of the other; ${numbers} ${not}`;
  const name = (id: string): string => agreement.parties.find((party) => party.id === id)!.name;
  if (to.length === 2) return [{ who: `${name(a.party)} and ${name(b.party)} each`, what: result }];
  return [a.party, b.party].map((id) => ({
    who: name(id),
    what: to.includes(id) ? result : `${size}; nothing of the result, not even how many rows match.`,
  }));
}

function wayOf({ kind, sessions, rounds, sentBytes, answerKeyBytes, seconds }: PlanCost): LinkWay {
  return { kind, sessions, rounds, bytes: { a: sentBytes[0], b: sentBytes[1] }, answerKeyBytes, seconds };
}

function missed(agreement: LinkAgreement): string {
  const { blocking, cardinality } = linkTerms(agreement);
  if (blocking === undefined)
    return 'No key that both tables have is missed: each counts once, however many rows have it.';
  const { keys, cap } = blocking;
  const partners =
    cardinality === 'many-to-many' && keys.length * cap > mostPartners
      ? ` Where more than ${mostPartners} rows of b match one of a, ${mostPartners} of them are found, those that come first in a secret random order; the run says of how many rows of a that may be so.`
      : '';
  const rows = cap === 1 ? 'one row' : `${cap} rows`;
  return `Missed can be: pairs that agree on no blocking key; and, where more than ${rows} of a table have one value of a key, those that are left out there, at random, unless another key brings the pair together. Each party is told how many of its own rows were left out.${partners}`;
}

function missedByNone(agreement: LinkAgreement): string {
  return agreement.link.blocking === undefined
    ? 'No match is missed: no pair is left out.'
    : 'Every pair that agrees on a blocking key is compared, and the cap leaves none out: missed are only pairs that agree on no key.';
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function masking({ last, blocking }: LinkPlan, pads: 'expanded' | 'full'): string {
  if (pads === 'expanded') return 'All pads are expanded by AES-128 from 32-byte seeds (computational security).';
  const byKey = last.protocol === 'link-keys/1' || blocking !== undefined;
  const whose = last.protocol === 'link-keys/1' ? 'The keys of one table are' : 'Both tables are';
  const rest = byKey
    ? 'what meets is found by hashes, and what is computed from them is'
    : 'what is computed from them is';
  return `${whose} masked by full-length random pads (information-theoretic); ${rest} masked by pads that AES-128 expands.`;
}

function exactness(rule: CompiledRule, plan: LinkPlan, { a, b }: { a: number; b: number }): string {
  if (plan.last.protocol === 'link-keys/1') {
    return 'Keys are compared by hashes, long enough for these tables: that any two different keys are taken for equal has a probability below 2^-40 in the whole run.';
  }
  if (!rule.leaves.some(({ encoding }) => encoding.kind === 'equal' && encoding.digits.of === 'hash')) {
    return 'The verdicts are exact: those of the rule in the clear, pair by pair.';
  }
  const exponent = Math.floor(64 - Math.log2(a * b));
  return `Equality of texts compares 64 bits of a hash: any of the ${count(a * b)} pairs is wrongly taken for equal with probability below 2^-${exponent}. Everything else is exact.`;
}

async function rowsOf(
  { home, datasets }: PartyContext,
  table: { party: string; dataset: string },
): Promise<number | undefined> {
  if (table.party !== home.card.id) return undefined;
  const known = (await datasets.list()).find(({ name }) => name === table.dataset);
  return known === undefined ? undefined : Math.max(1, known.rows);
}
