import {
  type Agreement,
  coversLink,
  coversStudies,
  type LinkAgreement,
  requireCards,
  type StudyAgreement,
} from '@symbolon/agreement';
import { type ErrorCode, SymbolonError } from '@symbolon/crypto';
import { explainRule, keyEquality, outsideAlphabet } from '@symbolon/linkage';
import { unsupported } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import { compileAgreement, loadInput } from '../link/input.ts';
import { checkListed, checkOwn } from '../study/check.ts';
import { compileBlocking } from './blocking.ts';
import { undecidable } from './computable.ts';
import { requireScore } from './prefer.ts';
import { reachability } from './reachability.ts';
import type { StoredAgreement } from './store.ts';
import { linkWords, ruleTerms } from './words.ts';

/** One thing that was looked at. */
export interface Finding {
  /** What was checked, in two words. */
  readonly check:
    | 'members'
    | 'signatures'
    | 'rule'
    | 'blocking'
    | 'result'
    | 'studies'
    | 'alerts'
    | 'run'
    | 'term'
    | 'own table';
  readonly state: 'ok' | 'warning' | 'fault';
  readonly text: string;
  /** Of the error that a run would end with. */
  readonly code?: ErrorCode;
  /** What to do about it. */
  readonly hint?: string;
}

/** What an organisation should know before it signs. */
export interface CheckReport {
  readonly hash: string;
  readonly title: string;
  /** Whether nothing was found that would stop a run. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** The rule in words: what is compared, how, and what becomes known. */
  readonly explanation: readonly string[];
}

/** Checks an agreement against what this organisation knows and has: cards, rule, term, and its own table, read as a run would read it. */
export async function check(context: PartyContext, stored: StoredAgreement): Promise<CheckReport> {
  const { agreement, hash, missing } = stored;
  const { home, now } = context;
  const findings: Finding[] = [];
  const look: Look = async (name, work) => {
    try {
      findings.push({ check: name, state: 'ok', text: await work() });
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      findings.push({ check: name, state: 'fault', text: error.message, code: error.code, hint: error.hint });
    }
  };
  await look('members', () => {
    requireCards(agreement, [home.card, ...home.partners.list()]);
    return 'every member is who its card says';
  });
  findings.push(...reachability(agreement, [home.card, ...home.partners.list()]));
  findings.push(
    missing.length === 0
      ? { check: 'signatures', state: 'ok', text: 'all parties have signed' }
      : { check: 'signatures', state: 'warning', text: `not signed by ${missing.join(', ')}` },
  );
  const link = coversLink(agreement) ? agreement : undefined;
  const explanation = link === undefined ? [] : await checkLink(link, findings, look);
  if (coversStudies(agreement)) await checkStudies(context, agreement, findings, look);
  if (agreement.alerts !== undefined) findings.push(...alertFindings(agreement));
  findings.push(term(agreement.term, now().toISOString().slice(0, 10)));
  if (link !== undefined) await look('own table', () => ownTable(context, link, findings));
  return { hash, title: agreement.title, ok: findings.every(({ state }) => state !== 'fault'), findings, explanation };
}

/** Whether the conditions of alerts can be decided. */
function alertFindings(agreement: Agreement): Finding[] {
  const faults = undecidable(agreement);
  if (faults.length === 0) {
    const count = agreement.alerts?.flatMap(({ events }) => events).length;
    return [
      { check: 'alerts', state: 'ok', text: `${count} ${count === 1 ? 'class' : 'classes'} of events can be decided` },
    ];
  }
  return faults.map(({ field, fault: { message, code, hint } }) => ({
    check: 'alerts',
    state: 'fault',
    text: `${field}: ${message}`,
    code,
    hint,
  }));
}

async function checkStudies(
  context: PartyContext,
  agreement: StudyAgreement,
  findings: Finding[],
  look: Look,
): Promise<void> {
  await look('studies', async () => {
    const studies = await checkListed(agreement);
    await look('own table', () => checkOwn(context, agreement, studies, (finding) => findings.push(finding)));
    return `${studies.length === 1 ? 'one study' : `${studies.length} studies`} can be computed securely`;
  });
}

type Look = (name: Finding['check'], work: () => Promise<string> | string) => Promise<void>;

/** What an agreement says of its link: rule, blocking keys, result. @returns the rule in words */
async function checkLink(agreement: LinkAgreement, findings: Finding[], look: Look): Promise<string[]> {
  let explanation: string[] = [];
  let exact = false;
  await look('rule', async () => {
    const rule = await compileAgreement(agreement);
    exact = keyEquality(rule) !== undefined;
    requireScore(agreement.link.prefer, rule);
    explanation = explainRule(rule, ruleTerms(agreement));
    const { length } = rule.leaves;
    return `${length} comparison${length === 1 ? '' : 's'} can be computed securely`;
  });
  const { blocking } = agreement.link;
  const blocks = async ({ cap }: NonNullable<typeof blocking>): Promise<string> => {
    const keys = await compileBlocking(agreement);
    const count = keys.length === 1 ? 'one key brings' : `${keys.length} keys bring`;
    return `${count} rows together, at most ${cap} of a table under one value; how many matches that misses: symbolon link tune`;
  };
  if (blocking !== undefined) await look('blocking', () => blocks(blocking));
  if (blocking !== undefined && exact) {
    const text =
      'the rule is one equality, which a link finds in full without blocking keys; with them it may miss matches';
    findings.push({ check: 'blocking', state: 'warning', text, hint: 'Leave the keys out.' });
  }
  const { counted, learned } = linkWords(agreement);
  findings.push({ check: 'result', state: 'ok', text: `${learned}. What counts: ${counted}` });
  findings.push(...unsupported(agreement).map((says): Finding => ({ check: 'run', ...beyond(says) })));
  return explanation;
}

function beyond(says: string): Omit<Finding, 'check'> {
  return {
    state: 'fault',
    text: `it ${says}; links cannot do that yet`,
    hint: 'Leave it out, or wait for a version that can.',
  };
}

function term({ from, until }: Agreement['term'], today: string): Finding {
  if (today > until)
    return { check: 'term', state: 'fault', text: `it ended on ${until}`, hint: 'Agree on a new term.' };
  if (today < from) return { check: 'term', state: 'warning', text: `it begins on ${from}` };
  return { check: 'term', state: 'ok', text: `in force until ${until}` };
}

async function ownTable(
  { home, datasets, settings, kernels, optOuts }: PartyContext,
  agreement: LinkAgreement,
  findings: Finding[],
): Promise<string> {
  const side = (['a', 'b'] as const).find((name) => agreement.tables[name].party === home.card.id);
  if (side === undefined) return `${home.card.id} holds neither table`;
  const { dataset } = agreement.tables[side];
  const input = await loadInput({
    agreement,
    side,
    source: await datasets.source(dataset),
    found: await datasets.show(dataset),
    leftOut: (await optOuts.screen(dataset, agreement)).leftOut,
    memory: settings.duckdbMemory,
    seconds: settings.duckdbSeconds,
  });
  const records = input.inOrder(Uint32Array.from({ length: input.rows }, (_, i) => i));
  for (const leaf of input.whole.leaves.keys()) records.vectors(leaf, kernels());
  for (const { columns, characters } of outsideAlphabet(input.rule, side, input.locals)) {
    if (characters === 0) continue;
    const text = `${characters} characters of ${columns.join(', ')} are outside the agreed alphabet and never agree`;
    findings.push({
      check: 'own table',
      state: 'warning',
      text,
      hint: 'Agree on normalisation or on another alphabet.',
    });
  }
  return `${dataset}: ${input.rows} rows fit the agreement`;
}
