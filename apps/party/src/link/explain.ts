import { type Agreement, linkTerms } from '@symbolon/agreement';
import { type CompiledRule, explainRule, keyEquality, linkCost, linkProgram } from '@symbolon/linkage';
import { ruleTerms } from '../agreements/words.ts';
import { learners } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { compileAgreement } from './input.ts';

/** What a link will cost and who will learn what, before it runs. */
export interface LinkExplanation {
  readonly hash: string;
  readonly title: string;
  /** Rows that the numbers below are for. */
  readonly rows: { readonly a: number; readonly b: number };
  readonly pairs: number;
  /** Payload of each party's frames to the other. */
  readonly bytes: { readonly a: number; readonly b: number };
  /** Bytes that the key service sends to one of the parties. */
  readonly answerKeyBytes: number;
  readonly rounds: number;
  readonly stages: number;
  /** What is compared, how, and what opens. */
  readonly rule: readonly string[];
  /** By role, in sentences. */
  readonly learns: readonly { readonly who: string; readonly what: string }[];
  /** What this does not protect against, in sentences. */
  readonly remarks: readonly string[];
}

/** @param rows that are known; for the others, the most that the agreement allows */
export async function explain(
  context: PartyContext,
  hash: string,
  rows: { readonly a?: number; readonly b?: number } = {},
): Promise<LinkExplanation> {
  const stored = await context.agreements.get(hash);
  const { agreement } = stored;
  const { a, b } = agreement.tables;
  const sizes = { a: rows.a ?? (await rowsOf(context, a)), b: rows.b ?? (await rowsOf(context, b)) };
  const rule = await compileAgreement(agreement);
  const program = linkProgram(rule, sizes.a, sizes.b, { ...linkTerms(agreement), to: learners(agreement) });
  const cost = linkCost(program);
  return {
    hash: stored.hash,
    title: agreement.title,
    rows: sizes,
    pairs: sizes.a * sizes.b,
    bytes: { a: cost.sentBytes[0], b: cost.sentBytes[1] },
    answerKeyBytes: cost.answerKeyBytes,
    rounds: cost.rounds,
    stages: cost.stages,
    rule: explainRule(rule, ruleTerms(agreement)),
    learns: [
      ...partiesLearn(agreement),
      {
        who: `${agreement.keyService.id}, the key service`,
        what: 'that these two run a program of this shape on tables of these sizes, and when; no data, masked or not.',
      },
    ],
    remarks: [
      exactness(rule, sizes),
      masking(rule, agreement.pads),
      'Successive runs reveal the changes between them: who was added, and whether they match.',
      `A party can probe: it may put invented patients into its table and see whether they match. The agreement bounds this by its number of runs (${agreement.link.maxRuns}) and rows (${a.maxRows} and ${b.maxRows}).`,
      'Neither party may collude with the key service, and both are assumed to follow the protocol.',
    ],
  };
}

/** What each party learns, by what the agreement reveals. */
function partiesLearn(agreement: Agreement): { who: string; what: string }[] {
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
  if (to.length === 2) return [{ who: `${a.party} and ${b.party} each`, what: result }];
  return [a.party, b.party].map((who) => ({
    who,
    what: to.includes(who) ? result : `${size}; nothing of the result, not even how many rows match.`,
  }));
}

function masking(rule: CompiledRule, pads: 'expanded' | 'full'): string {
  if (pads === 'expanded') return 'All pads are expanded by AES-128 from 32-byte seeds (computational security).';
  const whose = keyEquality(rule) === undefined ? 'Both tables are' : 'The keys of table a are';
  const rest = keyEquality(rule) === undefined ? 'what is computed from them is' : 'those of table b are hashed, and';
  return `${whose} masked by full-length random pads (information-theoretic); ${rest} masked by pads that AES-128 expands.`;
}

function exactness(rule: CompiledRule, { a, b }: { a: number; b: number }): string {
  if (keyEquality(rule) !== undefined) {
    return 'Keys are compared by 40 bits more than the tables need: any two different keys are taken for equal with probability below 2^-40 in the whole run.';
  }
  if (!rule.leaves.some(({ encoding }) => encoding.kind === 'equal' && encoding.digits.of === 'hash')) {
    return 'The verdicts are exact: those of the rule in the clear, pair by pair.';
  }
  const exponent = Math.floor(64 - Math.log2(a * b));
  return `Equality of texts compares 64 bits of a hash: any of the ${a * b} pairs is wrongly taken for equal with probability below 2^-${exponent}. Everything else is exact.`;
}

async function rowsOf(
  { home, datasets }: PartyContext,
  table: { party: string; dataset: string; maxRows: number },
): Promise<number> {
  if (table.party !== home.card.id) return table.maxRows;
  const known = (await datasets.list()).find(({ name }) => name === table.dataset);
  return Math.max(1, known?.rows ?? table.maxRows);
}
