import { difference, readWritten } from '@symbolon/agreement';
import { explainRule } from '@symbolon/linkage';
import type { Home } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import type { TableDescription } from '../datasets/describe.ts';
import { compileAgreement } from '../link/input.ts';
import { uncomputable } from './computable.ts';
import { type DraftParams, draft } from './draft.ts';
import type { StoredAgreement } from './store.ts';
import { linkWords, ruleTerms } from './words.ts';

/** What the draft of a link would say, in words; nothing is kept. Throws what {@link draft} throws. */
export async function preview(params: DraftParams, own: TableDescription, home: Home) {
  const agreement = await draft(params, own, home);
  const { counted, learned } = linkWords(agreement);
  return { rule: explainRule(await compileAgreement(agreement), ruleTerms(agreement)), counted, learned };
}

/** Everything that stands against an agreement that somebody has written, in the order of its lines. What SQL says is looked at where shapes are right. */
export async function textProblems(source: string, format: 'yaml' | 'json') {
  const { problems, written, place } = readWritten(source, format);
  if (problems.length > 0 || written === undefined) return [...problems];
  const faults = await uncomputable(written);
  return faults.map(({ field, fault: { message, hint } }) => ({ ...place(field), field, rule: message, hint }));
}

/** What an agreement changes of the version that it answers, or else of the one that it replaces; nothing where there is none here. */
export async function differences({ agreements }: Pick<PartyContext, 'agreements'>, { agreement }: StoredAgreement) {
  const earlier = agreement.counters ?? agreement.predecessor;
  const before = (await agreements.list()).find(({ hash }) => hash === earlier);
  if (before === undefined) return { before: null, changes: [] };
  return { before: before.hash, changes: difference(before.agreement, agreement) };
}
