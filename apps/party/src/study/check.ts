import type { StudyAgreement } from '@symbolon/agreement';
import type { Finding } from '../agreements/check.ts';
import type { PartyContext } from '../context.ts';
import { type BoundQuestion, bindListed, bindSample } from './question.ts';
import { ruleFindings } from './rule-findings.ts';
import { loadOwn } from './tables.ts';

/** All studies of an agreement, and a sample of each template, bound: each could run. Throws what stands against the first that could not. */
export async function checkListed(agreement: StudyAgreement): Promise<BoundQuestion[]> {
  const bound: BoundQuestion[] = [];
  const { list, templates = [] } = agreement.studies;
  for (const listed of list) bound.push(await bindListed(agreement, listed));
  for (const template of templates) bound.push(await bindSample(agreement, template));
  return bound;
}

/**
 * Reads the own tables as each study would. Throws `data-…` with file, row and column.
 * @param note takes what joins by a rule would not find @returns what was found, for people
 */
export async function checkOwn(
  context: PartyContext,
  agreement: StudyAgreement,
  studies: readonly BoundQuestion[],
  note: (finding: Finding) => void,
): Promise<string> {
  const { id } = context.home.card;
  const rows = new Map<string, number>();
  const noted = new Map<string, Finding>();
  for (const { rows: own } of studies) {
    const { tables, sizes } = await loadOwn(context, agreement, own);
    for (const { alias, name } of own.tables) if (sizes[alias] !== undefined) rows.set(name, sizes[alias].rows);
    for (const finding of ruleFindings(own, tables)) noted.set(finding.text, finding);
  }
  for (const finding of noted.values()) note(finding);
  if (rows.size === 0) return `${id} holds no table that a study uses`;
  return `${[...rows].map(([name, count]) => `${name}: ${count} rows`).join(', ')} fit the agreement`;
}
